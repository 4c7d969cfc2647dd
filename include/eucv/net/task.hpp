#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

/// Coroutines, URLs, and an HTTP client for untrusted hosts.
namespace eucv::net {

/// A coroutine that returns a T and has not begun: it runs when another task awaits it, or when it is passed to run().
///
/// All tasks of one run() share one thread, so their common data needs no lock. A cancelled task ends by an exception
/// from its next `co_await`. Three patterns free memory twice or lose a value with g++ 12: a braced temporary that owns
/// memory inside `co_await f(...)` (give it a name first), `auto [a, b] = co_await ...`, and a capturing lambda that is
/// itself a coroutine and is destroyed before its task ends (pass the values as parameters).
template <class T>
using task = boost::asio::awaitable<T>;

} // namespace eucv::net
