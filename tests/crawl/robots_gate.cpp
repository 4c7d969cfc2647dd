#include <eucv/crawl/robots_gate.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace eucv::crawl;
using eucv::errc;

namespace {

std::string reason(const robots_gate& gate, const char* target) {
  const auto refused = gate.refusal(target, "http://h.example/");
  return refused ? refused->reason() : "";
}

} // namespace

TEST_CASE("what a host answers for its robots.txt decides") {
  for (const int status : {400, 401, 403, 404, 410, 451, 304}) {
    robots_gate gate;
    gate.settle(status, "User-agent: *\nDisallow: /\n"); // an error page is no robots.txt
    CHECK(gate.now() == robots_gate::state::known);
    CHECK(reason(gate, "/a").empty());
  }
  for (const int status : {429, 500, 502, 503, 504, 599}) {
    robots_gate gate;
    gate.settle(status, "");
    CHECK(reason(gate, "/a") == "robots_unreachable");
  }
  robots_gate gate;
  CHECK(gate.now() == robots_gate::state::unknown);
  gate.ask();
  CHECK(gate.now() == robots_gate::state::asked);
  gate.settle(200, "User-agent: eucv\nDisallow: /no\n");
  CHECK(reason(gate, "/no/1") == "robots_disallowed");
  CHECK(reason(gate, "/yes/1").empty());
}

TEST_CASE("a host that gives no robots.txt at all") {
  const auto after = [](errc code, const char* body = "") {
    robots_gate gate;
    gate.settle(eucv::error(code, {"a", "b", "c", "d"}), body);
    return reason(gate, "/no");
  };
  CHECK(after(errc::too_many_redirects).empty());
  CHECK(after(errc::bad_redirect).empty());
  CHECK(after(errc::connect_failed) == "connect_failed");
  CHECK(after(errc::private_address) == "private_address");
  CHECK(after(errc::too_large, "User-agent: *\nDisallow: /no\n") == "robots_disallowed");
}
