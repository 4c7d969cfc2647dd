#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

/// Asynchronous work over HTTP: tasks, addresses, and a client that fetches from hosts it does not trust.
namespace eucv::net {

/// A coroutine that has not begun yet: it runs when another task says `co_await` on it, or when run() gets it.
///
/// All tasks of one run() share one thread, so what they share needs no lock. A cancelled task ends by an exception
/// from its next `co_await`. Three traps of g++ 12, each of which frees memory twice or loses a value: do not write a
/// braced temporary that owns memory inside `co_await f(...)` (name it first), nor `auto [a, b] = co_await ...`, nor a
/// capturing lambda that is itself a coroutine and dies before its task ends (pass what it needs as parameters).
template <class T>
using task = boost::asio::awaitable<T>;

} // namespace eucv::net
