#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/net/http.hpp>

namespace eucv::net {

/// Whether a reply redirects a GET or HEAD: 301, 302, 303, 307, 308. Does not depend on request::follow_redirects.
[[nodiscard]] bool is_redirect(const request& question, const response& reply) noexcept;

/// The request that follows a redirect.
///
/// To another origin only Accept, Accept-Language, Range and User-Agent are sent: a key is for the server that the
/// caller named. Throws errc::bad_redirect for an address that is missing, no http or https URL, or a step from https
/// to http.
[[nodiscard]] request redirected(request question, const response& reply);

} // namespace eucv::net

#ifdef EUCV_IMPLEMENTATION_NET
#include <eucv/core/error.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace eucv::net {

bool is_redirect(const request& question, const response& reply) noexcept {
  switch (reply.status) {
  case 301:
  case 302:
  case 303:
  case 307:
  case 308: return question.verb != method::post;
  default: return false;
  }
}

request redirected(request question, const response& reply) {
  const auto refuse = [&](std::string why) {
    return error(errc::bad_redirect, {"follow a redirect", redact(question.target.str()), std::move(why),
                                      "ask the owner of the server, or use the final address"});
  };
  const auto location = reply.find("Location");
  if (!location) throw refuse("it names no address");
  auto next = resolve_url(question.target, *location);
  if (!next) throw refuse("its address is not usable: " + next.error().text().why);
  if (question.target.scheme == "https" && next->scheme == "http") throw refuse("it leads from https to http");
  if (next->origin() != question.target.origin())
    std::erase_if(question.headers, [](const header& field) {
      static constexpr std::array<std::string_view, 4> harmless{"Accept", "Accept-Language", "Range", "User-Agent"};
      return std::ranges::none_of(harmless,
                                  [&](std::string_view name) { return detail::equal_ignoring_case(name, field.name); });
    });
  question.target = std::move(*next);
  return question;
}

} // namespace eucv::net
#endif
