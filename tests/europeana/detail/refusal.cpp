#include <eucv/europeana/detail/refusal.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <set>
#include <string>

using namespace eucv::europeana;

static_assert(refusal_of(400, "504-SA", false) == refusal::search_timeout);

TEST_CASE("each refusal has facts of its own, with a word and an advice") {
  std::set<std::string> words;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(refusal::other); ++i) {
    const auto& facts = facts_of(static_cast<refusal>(i));
    CHECK(facts.kind == static_cast<refusal>(i));
    CHECK_FALSE(facts.advice.empty());
    CHECK(words.insert(std::string(to_string(facts.kind))).second);
    // Whoever waits for a window, or backs off, has reason to hope.
    CHECK((facts.code == eucv::errc::rate_limited) == (facts.action == retry_action::wait_for_window));
    CHECK((facts.code == eucv::errc::api_unavailable || facts.code == eucv::errc::bad_response) ==
          (facts.action == retry_action::back_off));
  }
}

TEST_CASE("each row of the service's table of errors is told from the others") {
  using enum refusal;
  struct row {
    int status;
    const char* code;
    refusal kind;
  };
  for (const auto& [status, code, kind] : {row{400, "400-SA", invalid_query},
                                           {400, "400-SC", invalid_cursor},
                                           {400, "400-SD", cursor_with_start},
                                           {400, "400-SE", empty_query},
                                           {400, "400-SL", beyond_first_results},
                                           {400, "400-SB", invalid_boost},
                                           {400, "400-SH", invalid_hit_selector},
                                           {400, "400-SR", invalid_facet_range},
                                           {400, "400-ST", unknown_theme},
                                           {400, "400-SU", several_themes},
                                           {400, "400-XX", bad_parameter},
                                           {400, "", bad_parameter},
                                           {400, "504-SA", search_timeout},
                                           {401, "missing_apikey", missing_key},
                                           {401, "empty_apikey", missing_key},
                                           {401, "invalid_apikey", unknown_key},
                                           {401, "401_key_invalid", unknown_key},
                                           {400, "401_key_invalid", unknown_key}, // seen with 400 in 2026
                                           {401, "401-AX", unknown_key},          // of 2021 to 2024
                                           {401, "", unknown_key},
                                           {401, "401_key_disabled", disabled_key},
                                           {410, "410-AD", disabled_key},
                                           {410, "410_client_disabled", disabled_key},
                                           {410, "", disabled_key},
                                           {401, "invalid_jwttoken", invalid_token},
                                           {403, "403_scope_missing", no_permission},
                                           {403, "", no_permission},
                                           {404, "", not_found},
                                           {405, "", not_served},
                                           {406, "", not_served},
                                           {415, "", not_served},
                                           {429, "429_limit_personal", personal_limit},
                                           {401, "429_limit_project", project_limit},
                                           {429, "429-XX", limit},
                                           {429, "", limit},
                                           {500, "", internal_error},
                                           {502, "502-TS", translation_quota},
                                           {503, "503-SA", engine_down},
                                           {502, "", gateway},
                                           {503, "", gateway},
                                           {504, "", gateway},
                                           {408, "", gateway},
                                           {200, "", no_answer},
                                           {418, "", other}}) {
    CAPTURE(status);
    CAPTURE(code);
    CHECK(to_string(refusal_of(status, code, false)) == to_string(kind));
  }
}

TEST_CASE("a page of HTML is the word of a gateway, not of the service") {
  for (const int status : {500, 502, 503, 504}) CHECK(refusal_of(status, "", true) == refusal::gateway);
  for (const int status : {400, 401, 403, 410}) CHECK(refusal_of(status, "", true) == refusal::other);
  CHECK(refusal_of(200, "", true) == refusal::no_answer);
  CHECK(refusal_of(429, "", true) == refusal::limit);
}
