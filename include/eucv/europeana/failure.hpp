#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/json.hpp>
#include <eucv/net/http.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace eucv::europeana {

/// What a caller may do about a refusal of the service.
enum class remedy {
  stop,            ///< it would be refused again: a wrong key, a wrong query
  back_off,        ///< the service is down or overloaded: again after a growing pause
  wait_for_window, ///< the limit of requests is used up: again when it is renewed
};

/// A reply that is no page, as an error and what to do about it.
struct failure {
  eucv::error cause;
  remedy cure;
};

/// Sorts a refusal by the `code` in its JSON body first and by its HTTP status after that, since the service sends a
/// search engine's timeout as 400 and a used-up limit under more than one status. Bodies of HTML, as gateways send
/// them, are recognised. `on` is the address for the message; the service's own words are quoted in it, shortened and
/// without keys.
[[nodiscard]] failure classify(const net::response& reply, std::string_view on);

/// `text` from outside for a message: one line, no control characters, no keys, shortened to `limit` bytes.
[[nodiscard]] std::string quoted_words(std::string_view text, std::size_t limit = 200);

} // namespace eucv::europeana

#ifdef EUCV_IMPLEMENTATION
#include <eucv/europeana/record.hpp>
#include <eucv/net/secret.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace eucv::europeana {

namespace detail {

struct error_body {
  std::string code;  // "400-SC", "429_limit_personal"; empty where the reply has none
  std::string words; // for people
};

error_body read_error_body(std::string_view body) {
  error_body found;
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    found.words = "an empty reply";
    return found;
  }
  if (body[body.find_first_not_of(" \t\r\n")] == '<') {
    found.words = "a page of HTML, as a gateway sends it";
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

bool is_key_code(std::string_view code) {
  static constexpr std::string_view words[]{"invalid_apikey", "empty_apikey", "missing_apikey", "invalid_jwttoken"};
  return code.starts_with("401") || code.starts_with("403") || code.starts_with("410") ||
         std::ranges::find(words, code) != std::end(words);
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

failure classify(const net::response& reply, std::string_view on) {
  const auto [code, words] = detail::read_error_body(reply.body);
  const std::string address = net::redact(on);
  std::string why = "HTTP " + std::to_string(reply.status);
  if (!code.empty()) why += ", code " + quoted_words(code, 40);
  if (!words.empty()) why += ", " + quoted_words(words);
  const auto made = [&](errc kind, std::string advice, remedy cure) {
    return failure{{kind, {"search Europeana", address, why, std::move(advice)}}, cure};
  };
  const int status = reply.status;
  const bool html = words.starts_with("a page of HTML");

  if (code.starts_with("429") || (code.empty() && status == 429))
    return made(errc::rate_limited,
                "wait for the end of the hour and run the same command again, or ask Europeana for "
                "a project key, which has a higher limit",
                remedy::wait_for_window);
  if (detail::is_key_code(code) || (code.empty() && status == 401 && !html))
    return made(errc::invalid_api_key, "check EUROPEANA_API_KEY; a key is free at https://apis.europeana.eu",
                remedy::stop);
  if (code.starts_with("503") || code.starts_with("504") || code.starts_with("502") || code.starts_with("500"))
    return made(errc::api_unavailable, "run the same command again later", remedy::back_off);
  if (code == "400-SC") return made(errc::bad_cursor, "start the search anew from its first page", remedy::stop);
  if (code.starts_with("400") || (status == 400 && !html))
    return made(errc::bad_query, "check the words of the query; special characters are escaped with a backslash",
                remedy::stop);
  if (status >= 500 || status == 408 || status == 429)
    return made(errc::api_unavailable, "run the same command again later", remedy::back_off);
  if (reply.ok()) // a captive portal, a reply cut short by a gateway, or "success": false without a code
    return made(errc::bad_response, "check the endpoint; run the same command again later", remedy::back_off);
  return {{status, {"search Europeana", address, why, "check the endpoint"}}, remedy::stop};
}

} // namespace eucv::europeana
#endif
