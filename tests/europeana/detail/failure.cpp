#include <eucv/europeana/detail/failure.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace eucv::europeana;

namespace {

failure of(int status, std::string body) {
  eucv::net::response reply;
  reply.status = status;
  reply.body = std::move(body);
  return classify(reply, "https://api.example/search.json?wskey=CANARY");
}

std::string body(const std::string& code) {
  return R"({"apikey":"CANARY","success":false,"error":"Some words","code":")" + code + "\"}";
}

} // namespace

TEST_CASE("the code in the body counts before the status") {
  using eucv::errc;
  struct expected {
    int status;
    const char* code;
    errc kind;
    retry_action action;
  };
  for (const auto& [status, code, kind, action] : {
           expected{400, "504-SA", errc::api_unavailable, retry_action::back_off},
           {503, "503-SA", errc::api_unavailable, retry_action::back_off},
           {502, "502-TS", errc::api_unavailable, retry_action::back_off},
           {400, "400-SA", errc::bad_query, retry_action::stop},
           {400, "400-SC", errc::bad_cursor, retry_action::stop},
           {400, "400-SE", errc::bad_query, retry_action::stop},
           {400, "400-SL", errc::bad_query, retry_action::stop},
           {400, "401_key_invalid", errc::invalid_api_key, retry_action::stop},
           {401, "invalid_apikey", errc::invalid_api_key, retry_action::stop},
           {401, "missing_apikey", errc::invalid_api_key, retry_action::stop},
           {401, "401-AX", errc::invalid_api_key, retry_action::stop},
           {403, "403_scope_missing", errc::invalid_api_key, retry_action::stop},
           {410, "410_client_disabled", errc::invalid_api_key, retry_action::stop},
           {429, "429_limit_personal", errc::rate_limited, retry_action::wait_for_window},
           {401, "429_limit_project", errc::rate_limited, retry_action::wait_for_window},
       }) {
    CAPTURE(code);
    const auto found = of(status, body(code));
    CHECK(found.cause.code() == kind);
    CHECK((found.action == action));
    CHECK(std::string(found.cause.what()).find(code) != std::string::npos);
  }
}

TEST_CASE("without a code the status counts") {
  using eucv::errc;
  CHECK(of(400, R"({"success":false,"error":"Required parameter 'query' missing"})").cause.code() == errc::bad_query);
  CHECK(of(401, R"({"error":"Unauthorized","message":"Invalid API key provided!"})").cause.code() ==
        errc::invalid_api_key);
  CHECK(of(429, "").cause.code() == errc::rate_limited);
  CHECK(of(500, "{}").action == retry_action::back_off);
  CHECK(of(504, "").cause.code() == errc::api_unavailable);
  CHECK(of(404, "{}").cause.reason() == "http_404");
  CHECK(of(405, "{}").action == retry_action::stop);
}

TEST_CASE("a page of HTML is no word of the service") {
  using eucv::errc;
  const std::string html = "\n <!DOCTYPE html><html><title>502 Bad Gateway</title>CANARY</html>";
  CHECK(of(502, html).cause.code() == errc::api_unavailable);
  CHECK(of(502, html).action == retry_action::back_off);
  CHECK(of(200, html).cause.code() == errc::bad_response);
  CHECK(of(400, html).cause.reason() == "http_400");
  CHECK(of(401, html).cause.reason() == "http_401");
  CHECK(of(403, html).cause.reason() == "http_403");
  CHECK(std::string(of(502, html).cause.what()).find("page of HTML") != std::string::npos);
}

TEST_CASE("no key and no control character gets into a message") {
  for (const auto& text :
       {body("invalid_apikey"), std::string(R"({"error":"bad \u001b[31m wskey=CANARY&x=1 X-Api-Key: CANARY"})")}) {
    const std::string message = of(401, text).cause.what();
    CHECK(message.find("CANARY") == std::string::npos);
    CHECK(message.find('\x1b') == std::string::npos);
  }
  const std::string endless(5000, 'x');
  const std::string long_words = of(400, R"({"error":")" + endless + "\"}").cause.what();
  CHECK(long_words.size() < 500);
  const std::string long_word(199, 'x');
  CHECK(quoted_words(long_word + "é") == long_word + "...");
}
