#pragma once

#include <eucv/core/random.hpp>
#include <eucv/net/http.hpp>
#include <eucv/net/wait.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace test {

/// A model of net::transport without network: each request goes to a function, whose reply comes back after a few turns
/// of the event loop, their number drawn from a seed. So replies to tasks that ask side by side arrive in any order.
class canned_transport {
public:
  using function = std::function<eucv::net::response(const eucv::net::request&)>;

  explicit canned_transport(function reply, std::uint64_t seed = 1) : reply_(std::move(reply)), random_(seed) {}

  eucv::net::task<eucv::net::response> send(const eucv::net::request& question) {
    requests.push_back(question);
    most_open = std::max(most_open, ++open);
    // What ends this frame ends the request, a cancellation too.
    struct closer {
      std::size_t& count;
      ~closer() { --count; }
    } closes{open};
    const auto executor = co_await boost::asio::this_coro::executor;
    for (auto turns = random_.below(8); turns > 0; --turns)
      co_await boost::asio::post(executor, boost::asio::use_awaitable);
    eucv::net::response answer = reply_(question);
    answer.final_url = question.target;
    if (answer.ok() && answer.body.size() > question.body_limit)
      throw eucv::error(eucv::errc::too_large, {"download", question.target.str(), "the body passes the limit", ""});
    co_return answer;
  }

  eucv::net::task<eucv::net::response> send(const eucv::net::request& question, eucv::net::body_sink sink) {
    eucv::net::response answer = co_await send(question);
    if (!answer.ok()) co_return answer;
    for (std::size_t at = 0; at < answer.body.size(); at += 1000) sink(std::string_view(answer.body).substr(at, 1000));
    answer.body.clear();
    co_return answer;
  }

  std::vector<eucv::net::request> requests; ///< all that were sent, in order
  std::size_t open = 0;                     ///< requests without an answer
  std::size_t most_open = 0;

private:
  function reply_;
  eucv::random random_;
};

static_assert(eucv::net::transport<canned_transport>);

/// A reply with a body.
inline eucv::net::response canned(int status, std::string body, std::string type = "application/json") {
  eucv::net::response reply;
  reply.status = status;
  reply.body = std::move(body);
  reply.headers.push_back({"Content-Type", std::move(type)});
  return reply;
}

} // namespace test
