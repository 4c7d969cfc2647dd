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

/// What a request wants: the three methods that eucv uses.
enum class method {
  get,  ///< fetch; may be repeated and redirected
  head, ///< fetch the header alone; may be repeated and redirected
  post, ///< send a body; sent once, and a redirect is the caller's to follow
};

/// The method as it stands in a request.
[[nodiscard]] constexpr std::string_view to_string(method verb) noexcept {
  switch (verb) {
  case method::get: return "GET";
  case method::head: return "HEAD";
  case method::post: return "POST";
  }
  return "GET";
}

/// One header field. The name is matched without regard to case.
struct header {
  std::string name, value;
};

/// The value of the first field of that name, in any case, or nothing. Valid as long as `headers` is unchanged.
[[nodiscard]] inline std::optional<std::string_view> find_header(std::span<const header> headers,
                                                                 std::string_view name) noexcept {
  for (const auto& field : headers)
    if (detail::equal_ignoring_case(field.name, name)) return field.value;
  return std::nullopt;
}

/// What is asked of a server. Give it a name before `co_await client.send(request)`: see task.hpp on g++ 12.
struct request {
  method verb = method::get;
  url target;
  std::vector<header> headers;                        ///< beside Host, User-Agent, Content-Length and Connection
  std::string body;                                   ///< sent with POST only
  std::uint64_t body_limit = std::uint64_t{16} << 20; ///< bytes of a 2xx body; one more is errc::too_large
  bool follow_redirects = true;                       ///< of GET and HEAD; false: a redirect comes back as it is
};

/// What a server answered, with any status.
struct response {
  int status = 0;
  std::vector<header> headers; ///< fields of one name in the order of the reply
  std::string body; ///< of a 2xx status: all of it, or empty if a body_sink took it; of any other: the first 64 KiB
  url final_url;    ///< where the reply came from, after redirects

  [[nodiscard]] bool ok() const noexcept { return status >= 200 && status < 300; }
  /// The value of the first header field of that name, in any case, or nothing.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept {
    return find_header(headers, name);
  }
};

/// Receives the body of a 2xx reply piece by piece, in order, each piece not empty and valid during the call only.
///
/// What it throws ends the request and reaches the caller of send(). A request that fails midway has already given it
/// pieces: whoever tries again begins anew.
using body_sink = std::function<void(std::string_view piece)>;

/// Something that answers requests: client, or a canned one in tests.
///
/// `send(request)` and `send(request, sink)` return any HTTP status as a response; they follow redirects of GET and
/// HEAD where the request wants it, and throw error when no complete reply came. The request must live until the task
/// ends.
template <class T>
concept transport = requires(T& peer, const request& question, body_sink sink) {
  { peer.send(question) } -> std::same_as<task<response>>;
  { peer.send(question, sink) } -> std::same_as<task<response>>;
};

} // namespace eucv::net
