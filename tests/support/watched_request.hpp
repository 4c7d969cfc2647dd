#pragma once

#include <eucv/core/error.hpp>
#include <eucv/net/client.hpp>
#include <eucv/net/run.hpp>
#include <eucv/net/wait.hpp>
#include <eucv/net/when_all.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace test {

/// How a request did end.
struct watched_outcome {
  std::optional<eucv::errc> code; ///< none: it did not end in time
  std::chrono::milliseconds took{};
  std::string body, message;
  bool left_open = false; ///< the server still held a connection, long after
};

/// One request, monitored from inside its event loop.
///
/// The time is not read off a clock of the test: where the whole process was held up, by a neighbour who took the
/// processors, the request would be blamed. Instead a timer of the same loop goes off `slack` behind the deadline; a
/// process that was held up finds both timers due, in their order, and the request has a hundred turns of the loop to
/// end.
class watched_request {
public:
  static constexpr std::chrono::milliseconds slack{250}; ///< behind the deadline

  watched_request(eucv::net::client& web, const eucv::net::url& target, std::chrono::milliseconds deadline)
      : web_(web), deadline_(deadline) {
    question_.target = target;
    question_.body_limit = 1'000'000;
    question_.headers = {{"X-Api-Key", "K"}};
  }

  // `is_left_open()` is asked until it is false, for at most ten seconds.
  template <class Condition>
  watched_outcome run(Condition is_left_open) {
    std::vector<eucv::net::task<void>> tasks;
    tasks.push_back(send(is_left_open));
    tasks.push_back(watch());
    try {
      eucv::net::run(eucv::net::when_all(std::move(tasks)));
    } catch (const done&) {
    }
    return end_;
  }

private:
  struct done {};

  template <class Condition>
  eucv::net::task<void> send(Condition is_left_open) {
    const auto begin = std::chrono::steady_clock::now();
    eucv::errc code{};
    try {
      const auto reply = co_await web_.send(question_);
      end_.body = reply.body;
    } catch (const eucv::error& failure) {
      code = failure.code();
      end_.message = failure.what();
    }
    if (late_) co_return;
    end_.code = code;
    end_.took = std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
    // The client lives on, and so does its event loop: only the end of the connection itself lets the server go.
    for (int i = 0; i < 2000 && (end_.left_open = is_left_open()); ++i)
      co_await eucv::net::wait(std::chrono::milliseconds(5));
    throw done();
  }
  eucv::net::task<void> watch() {
    co_await eucv::net::wait(deadline_ + slack);
    const auto executor = co_await boost::asio::this_coro::executor;
    for (int turn = 0; turn < 100; ++turn) co_await boost::asio::post(executor, boost::asio::use_awaitable);
    if (end_.code) co_await eucv::net::wait(std::chrono::milliseconds(60'000)); // only the server is waited for
    late_ = true;
    throw done();
  }

  eucv::net::client& web_;
  std::chrono::milliseconds deadline_;
  eucv::net::request question_;
  watched_outcome end_;
  bool late_ = false;
};

} // namespace test
