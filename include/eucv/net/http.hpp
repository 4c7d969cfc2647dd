#pragma once

#include <eucv/net/secret.hpp>
#include <eucv/net/task.hpp>
#include <eucv/net/url.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::net {

/// The method of a request.
enum class method {
  get,  ///< fetch; may be repeated and redirected
  head, ///< fetch the header alone; may be repeated and redirected
  post, ///< send a body; sent once, and redirects are not followed
};

/// The method as it is written in a request.
[[nodiscard]] constexpr std::string_view to_string(method verb) noexcept {
  switch (verb) {
  case method::get: return "GET";
  case method::head: return "HEAD";
  case method::post: return "POST";
  }
  return "GET";
}

/// One header field. Names are compared without regard to case.
struct header {
  std::string name, value;
};

/// The value of the first field with that name, or nothing. Valid as long as `headers` is unchanged.
[[nodiscard]] inline std::optional<std::string_view> find_header(std::span<const header> headers,
                                                                 std::string_view name) noexcept {
  for (const auto& field : headers)
    if (detail::equal_ignoring_case(field.name, name)) return field.value;
  return std::nullopt;
}

/// An HTTP request. Give it a name before `co_await client.send(request)`: see task.hpp on g++ 12.
struct request {
  method verb = method::get;
  url target;
  std::vector<header> headers; ///< without Host, Content-Length and Connection, which the client sets
  std::string body;            ///< sent with POST only
  std::uint64_t body_limit = std::uint64_t{16} << 20; ///< bytes of a 2xx body; one more is errc::too_large
  bool follow_redirects = true;                       ///< of GET and HEAD; false: a redirect is returned as a response
};

/// An HTTP response, of any status.
struct response {
  int status = 0;              ///< 100 to 599
  std::vector<header> headers; ///< fields of one name in the order of the reply
  std::string body; ///< of a 2xx status: all of it, or empty if a body_sink took it; of any other: the first 64 KiB
  url final_url;    ///< of the request that this answers, after redirects

  /// Whether the status is 2xx.
  [[nodiscard]] bool ok() const noexcept { return status >= 200 && status < 300; }
  /// The value of the first header field with that name, or nothing. Valid as long as `headers` is unchanged.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept {
    return find_header(headers, name);
  }
};

/// A function that receives the body of a 2xx reply in pieces, in order; each is not empty and valid during the call.
///
/// An exception from it ends the request and is rethrown by send(). A request may fail after some pieces: a retry
/// begins with the first one again.
using body_sink = std::function<void(std::string_view piece)>;

/// A type that sends requests: client, or a replacement without network in tests.
///
/// `send(request)` and `send(request, sink)` return a response of any status; they follow redirects of GET and HEAD
/// where request::follow_redirects is set, and throw error where no complete reply came. The request must live until
/// the task ends.
template <class T>
concept transport = requires(T& peer, const request& question, body_sink sink) {
  { peer.send(question) } -> std::same_as<task<response>>;
  { peer.send(question, sink) } -> std::same_as<task<response>>;
};

} // namespace eucv::net
