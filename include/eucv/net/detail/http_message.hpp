#pragma once

#include <eucv/core/implementation.hpp>

// The only place that translates between our messages and Beast's. Seen where the implementation is compiled.
#ifdef EUCV_IMPLEMENTATION_NET
#include <eucv/core/error.hpp>
#include <eucv/net/http.hpp>

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace eucv::net::detail {

// Fields that say how the connection is used: the client's to set. A caller's own would contradict what it does.
bool is_ours(std::string_view name) {
  static constexpr std::array<std::string_view, 7> ours{"Host",    "Connection", "Content-Length",   "TE",
                                                        "Trailer", "Upgrade",    "Transfer-Encoding"};
  return std::ranges::any_of(ours, [&](std::string_view own) { return equal_ignoring_case(own, name); });
}

// Refuses what would end the field early and begin another one, or another request.
void check_field(const header& field) {
  constexpr std::string_view specials = "!#$%&'*+-.^_`|~";
  const bool named = !field.name.empty() && std::ranges::all_of(field.name, [&](char c) {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || specials.find(c) != std::string_view::npos;
  });
  const bool clean = std::ranges::none_of(
      field.value, [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
  if (named && clean && !is_ours(field.name)) return;
  throw error(errc::invalid_argument, {"send a header field", named ? field.name : "with a bad name",
                                       !named   ? "the name is no token"
                                       : !clean ? "the value holds control characters" // not shown: it may be a key
                                                : "the client sets this field itself",
                                       "give another field"});
}

// A request as it is sent. Written here: Beast would write it piece by piece, and what that takes of Asio and TLS, for
// each of its many sequences of buffers, was half of the time to compile net/.
std::string to_text(const request& question, std::string_view user_agent) {
  std::string text(to_string(question.verb));
  text += ' ' + question.target.target + " HTTP/1.1\r\n";
  const auto add = [&](std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\r\n");
  };
  const std::string origin = question.target.origin();
  add("Host", std::string_view(origin).substr(origin.find("//") + 2));
  if (!find_header(question.headers, "User-Agent")) add("User-Agent", user_agent);
  add("Accept-Encoding", "identity");
  for (const auto& field : question.headers) {
    check_field(field);
    add(field.name, field.value);
  }
  const bool has_body = question.verb == method::post;
  if (has_body) add("Content-Length", std::to_string(question.body.size()));
  text += "\r\n";
  if (has_body) text += question.body;
  return text;
}

response to_response(const boost::beast::http::response_header<>& message) {
  response reply;
  reply.status = static_cast<int>(message.result_int());
  for (const auto& field : message)
    reply.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  return reply;
}

} // namespace eucv::net::detail
#endif
