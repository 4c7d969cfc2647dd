#pragma once

#include <eucv/core/error.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace eucv::europeana {

/// Whether and when a refused request is retried.
enum class retry_action : std::uint8_t {
  stop,            ///< never: it would be refused again, such as a wrong key or query
  back_off,        ///< after an exponential backoff: the service is down or overloaded
  wait_for_window, ///< when the next window opens: the rate limit is used up
};

/// Why the service refused a request: each cause in its documentation or source.
enum class refusal : std::uint8_t {
  invalid_query,        ///< 400-SA: the search engine does not understand it; also a cursor without a total order
  invalid_cursor,       ///< 400-SC: the mark is invalid, or was not percent-encoded
  cursor_with_start,    ///< 400-SD: `start` and `cursor` together
  empty_query,          ///< 400-SE
  beyond_first_results, ///< 400-SL: `start` beyond the first 1,000 without a cursor
  invalid_boost,        ///< 400-SB
  invalid_hit_selector, ///< 400-SH
  invalid_facet_range,  ///< 400-SR
  unknown_theme,        ///< 400-ST
  several_themes,       ///< 400-SU
  bad_parameter,        ///< any other 400: a parameter is missing or of the wrong type
  search_timeout,       ///< 504-SA, which comes with status 400: the engine behind the service took too long
  missing_key,          ///< missing_apikey, empty_apikey
  unknown_key,          ///< 401_key_invalid, invalid_apikey, 401 of older versions
  disabled_key,         ///< 401_key_disabled, 410: the key was valid once
  invalid_token,        ///< invalid_jwttoken
  no_permission,        ///< 403: the key has no permission
  not_found,            ///< 404: no such record or entity, or the address is not that of the service
  not_served,           ///< 405, 406, 415: the method, Accept or Content-Type
  personal_limit,       ///< 429_limit_personal
  project_limit,        ///< 429_limit_project
  limit,                ///< any other 429
  internal_error,       ///< 500
  translation_quota,    ///< 502-TS
  engine_down,          ///< 503-SA: the service cannot reach its search engine
  gateway,              ///< 408, 502, 503, 504 without a code, often as a page of HTML
  no_answer,            ///< status 200 with an invalid body: truncated, HTML, or `"success": false`
  other,                ///< any other status
};

/// The properties of a refusal.
struct refusal_facts {
  refusal kind;
  std::string_view word; ///< stable, for logs and tables
  errc code;             ///< errc::http_status: the error holds the status
  retry_action action;
  std::string_view advice; ///< what the user can do
};

namespace detail {

inline constexpr std::string_view later = "try again later";

inline constexpr std::array refusals{
    refusal_facts{refusal::invalid_query, "invalid_query", errc::bad_query, retry_action::stop,
                  "check the words of the query; special characters are escaped with a backslash"},
    refusal_facts{refusal::invalid_cursor, "invalid_cursor", errc::bad_cursor, retry_action::stop,
                  "start the search anew from its first page"},
    refusal_facts{refusal::cursor_with_start, "cursor_with_start", errc::bad_query, retry_action::stop,
                  "page by the cursor or by the start, not by both"},
    refusal_facts{refusal::empty_query, "empty_query", errc::bad_query, retry_action::stop,
                  "give a query; *:* asks for everything"},
    refusal_facts{refusal::beyond_first_results, "beyond_first_results", errc::bad_query, retry_action::stop,
                  "use a cursor, which goes beyond the first 1,000 results"},
    refusal_facts{refusal::invalid_boost, "invalid_boost", errc::bad_query, retry_action::stop, "check the boost"},
    refusal_facts{refusal::invalid_hit_selector, "invalid_hit_selector", errc::bad_query, retry_action::stop,
                  "check the selectors of hits"},
    refusal_facts{refusal::invalid_facet_range, "invalid_facet_range", errc::bad_query, retry_action::stop,
                  "check the ranges of facets"},
    refusal_facts{refusal::unknown_theme, "unknown_theme", errc::bad_query, retry_action::stop,
                  "use one of Europeana's themes, such as art, fashion, map or photography"},
    refusal_facts{refusal::several_themes, "several_themes", errc::bad_query, retry_action::stop,
                  "give one theme, a plain word"},
    refusal_facts{refusal::bad_parameter, "bad_parameter", errc::bad_query, retry_action::stop,
                  "check the parameter that the reply names"},
    refusal_facts{refusal::search_timeout, "search_timeout", errc::api_unavailable, retry_action::back_off, later},
    refusal_facts{refusal::missing_key, "missing_key", errc::invalid_api_key, retry_action::stop,
                  "set EUROPEANA_API_KEY; a key is free at https://apis.europeana.eu"},
    refusal_facts{refusal::unknown_key, "unknown_key", errc::invalid_api_key, retry_action::stop,
                  "check EUROPEANA_API_KEY; a key is free at https://apis.europeana.eu"},
    refusal_facts{refusal::disabled_key, "disabled_key", errc::invalid_api_key, retry_action::stop,
                  "the key is no longer valid: get a new one at https://apis.europeana.eu"},
    refusal_facts{refusal::invalid_token, "invalid_token", errc::invalid_api_key, retry_action::stop,
                  "get a new token"},
    refusal_facts{refusal::no_permission, "no_permission", errc::invalid_api_key, retry_action::stop,
                  "the key is known, but not allowed to do this: ask Europeana, or leave it out"},
    refusal_facts{refusal::not_found, "not_found", errc::http_status, retry_action::stop,
                  "check the identifier and the endpoint"},
    refusal_facts{refusal::not_served, "not_served", errc::http_status, retry_action::stop,
                  "check that the endpoint is that of the service"},
    refusal_facts{refusal::personal_limit, "personal_limit", errc::rate_limited, retry_action::wait_for_window,
                  "wait for the end of the hour and try again, or ask Europeana for a project key, "
                  "which has a higher limit"},
    refusal_facts{refusal::project_limit, "project_limit", errc::rate_limited, retry_action::wait_for_window,
                  "wait for the end of the hour and try again, or ask Europeana for a higher limit"},
    refusal_facts{refusal::limit, "limit", errc::rate_limited, retry_action::wait_for_window,
                  "wait for the end of the hour and try again"},
    refusal_facts{refusal::internal_error, "internal_error", errc::api_unavailable, retry_action::back_off, later},
    refusal_facts{refusal::translation_quota, "translation_quota", errc::api_unavailable, retry_action::back_off,
                  "search without translation, or try again later"},
    refusal_facts{refusal::engine_down, "engine_down", errc::api_unavailable, retry_action::back_off, later},
    refusal_facts{refusal::gateway, "gateway", errc::api_unavailable, retry_action::back_off, later},
    refusal_facts{refusal::no_answer, "no_answer", errc::bad_response, retry_action::back_off,
                  "check the endpoint; try again later"},
    refusal_facts{refusal::other, "other", errc::http_status, retry_action::stop, "check the endpoint"},
};

} // namespace detail

/// The properties of a refusal.
[[nodiscard]] constexpr const refusal_facts& facts_of(refusal kind) noexcept {
  return detail::refusals.at(static_cast<std::size_t>(kind));
}

/// The stable word of a refusal, such as "search_timeout".
[[nodiscard]] constexpr std::string_view to_string(refusal kind) noexcept {
  return facts_of(kind).word;
}

/// Classifies a reply, by the `code` of its JSON body (empty where it has none) before its status: a timeout of the
/// search engine has status 400, a wrong key may have 400, and a used-up limit 401. `html`: the body is a page of HTML,
/// which comes from a gateway and not from the service.
[[nodiscard]] constexpr refusal refusal_of(int status, std::string_view code, bool html) noexcept {
  using enum refusal;
  struct entry {
    std::string_view head;
    refusal kind;
  };
  constexpr std::array<entry, 29> codes{{{"400-SA", invalid_query},
                                         {"400-SC", invalid_cursor},
                                         {"400-SD", cursor_with_start},
                                         {"400-SE", empty_query},
                                         {"400-SL", beyond_first_results},
                                         {"400-SB", invalid_boost},
                                         {"400-SH", invalid_hit_selector},
                                         {"400-SR", invalid_facet_range},
                                         {"400-ST", unknown_theme},
                                         {"400-SU", several_themes},
                                         {"504-SA", search_timeout},
                                         {"503-SA", engine_down},
                                         {"502-TS", translation_quota},
                                         {"missing_apikey", missing_key},
                                         {"empty_apikey", missing_key},
                                         {"invalid_apikey", unknown_key},
                                         {"invalid_jwttoken", invalid_token},
                                         {"401_key_disabled", disabled_key},
                                         {"429_limit_personal", personal_limit},
                                         {"429_limit_project", project_limit},
                                         // Codes of later versions, by their number.
                                         {"400", bad_parameter},
                                         {"401", unknown_key},
                                         {"403", no_permission},
                                         {"410", disabled_key},
                                         {"429", limit},
                                         {"500", internal_error},
                                         {"502", gateway},
                                         {"503", gateway},
                                         {"504", gateway}}};
  for (const auto& [head, kind] : codes)
    if (!code.empty() && code.starts_with(head)) return kind;
  switch (status) {
  case 400: return html ? other : bad_parameter;
  case 401: return html ? other : unknown_key;
  case 403: return html ? other : no_permission;
  case 404: return not_found;
  case 405:
  case 406:
  case 415: return not_served;
  case 410: return html ? other : disabled_key;
  case 429: return limit;
  case 408: return gateway;
  default: break;
  }
  if (status >= 500) return html || status != 500 ? gateway : internal_error;
  return status >= 200 && status < 300 ? no_answer : other;
}

} // namespace eucv::europeana
