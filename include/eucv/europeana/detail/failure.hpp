#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/europeana/detail/refusal.hpp>
#include <eucv/net/http.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace eucv::europeana {

/// A reply that is no answer: its error, and whether it is retried.
struct failure {
  eucv::error cause;
  retry_action action;
  refusal kind = refusal::other;
};

/// Classifies a reply by refusal_of(). A body of HTML, as gateways send it, is recognised by its first character.
/// `tried` and `on` are the first parts of the message; the message of the service is quoted in it, shortened and
/// without keys.
[[nodiscard]] failure classify(const net::response& reply, std::string_view on,
                               std::string_view tried = "search Europeana");

/// Untrusted `text` for a message: on one line, without control characters and keys, at most `limit` bytes.
[[nodiscard]] std::string quoted_words(std::string_view text, std::size_t limit = 200);

} // namespace eucv::europeana

#ifdef EUCV_IMPLEMENTATION_EUROPEANA
#include <eucv/core/json.hpp>
#include <eucv/europeana/record.hpp>
#include <eucv/net/secret.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <utility>

namespace eucv::europeana {

namespace detail {

struct error_body {
  std::string code;  // "400-SC", "429_limit_personal"; empty where the reply has none
  std::string words; // for people
  bool html = false;
};

error_body read_error_body(std::string_view body) {
  error_body found;
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    found.words = "an empty reply";
    return found;
  }
  if (body[body.find_first_not_of(" \t\r\n")] == '<') {
    found.words = "a page of HTML, as a gateway sends it";
    found.html = true;
    return found;
  }
  try {
    const boost::json::value whole = parse_json(body, "the reply");
    const auto text = [&](const char* name) {
      const auto* const member = whole.is_object() ? whole.get_object().if_contains(name) : nullptr;
      return member != nullptr && member->is_string()
                 ? std::string(member->get_string().data(), member->get_string().size())
                 : std::string();
    };
    found.code = text("code");
    found.words = text("error");
    if (const std::string more = text("message"); !more.empty() && more != found.words)
      found.words += (found.words.empty() ? "" : ": ") + more;
  } catch (const error&) {
    found.words = "a reply that is no JSON";
  }
  return found;
}

} // namespace detail

std::string quoted_words(std::string_view text, std::size_t limit) {
  std::string line = one_line(net::redact(text.substr(0, 4 * limit)));
  if (line.size() <= limit) return line;
  line.resize(limit);
  while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xc0) == 0x80) line.pop_back(); // whole UTF-8
  if (!line.empty() && static_cast<unsigned char>(line.back()) >= 0xc0) line.pop_back();
  return line + "...";
}

failure classify(const net::response& reply, std::string_view on, std::string_view tried) {
  const detail::error_body body = detail::read_error_body(reply.body);
  std::string why = "HTTP " + std::to_string(reply.status);
  if (!body.code.empty()) why += ", code " + quoted_words(body.code, 40);
  if (!body.words.empty()) why += ", " + quoted_words(body.words);
  const refusal kind = refusal_of(reply.status, body.code, body.html);
  const refusal_facts& facts = facts_of(kind);
  error_text text{std::string(tried), net::redact(on), std::move(why), std::string(facts.advice)};
  if (facts.code == errc::http_status) return {{reply.status, std::move(text)}, facts.action, kind};
  return {{facts.code, std::move(text)}, facts.action, kind};
}

} // namespace eucv::europeana
#endif
