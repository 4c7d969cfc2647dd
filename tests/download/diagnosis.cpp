#include <eucv/download/diagnosis.hpp>

#include <doctest/doctest.h>

using namespace eucv;
using download::failure_advice;

TEST_CASE("each reason of failure has its advice") {
  CHECK(download::advice_for("dns") == failure_advice::check_network);
  CHECK(download::advice_for("http_429") == failure_advice::slow_down);
  CHECK(download::advice_for("robots_disallowed") == failure_advice::ask_owners);
  CHECK(download::advice_for("http_410") == failure_advice::find_anew);
  CHECK(download::advice_for("unsupported_image") == failure_advice::look_at_addresses);
  CHECK(download::advice_for("private_address") == failure_advice::trust_table);
  CHECK(download::advice_for("too_large") == failure_advice::look_at_journal);
}

TEST_CASE("failures are unusual from more than one in ten of more than 20 items on") {
  download::fetch_summary done;
  done.items = 30;
  done.failed = 3;
  done.reasons = {{"dns", 1}, {"http_404", 2}};
  CHECK_FALSE(download::diagnose(done).many_failed);
  done.failed = 4;
  const auto found = download::diagnose(done);
  CHECK(found.many_failed);
  CHECK(found.reason == "http_404");
  CHECK(found.advice == failure_advice::find_anew);
  done.items = 20;
  CHECK_FALSE(download::diagnose(done).many_failed);
  CHECK(download::diagnose({}).reason.empty());
}

TEST_CASE("a host of which everything failed is dead, where enough was asked for") {
  download::fetch_summary done;
  done.items = 40;
  done.failed = 19;
  done.hosts = {{"few.org", 9, 9}, {"dead.org", 10, 10}, {"half.org", 20, 10}};
  const auto dead = download::diagnose(done).dead_hosts;
  REQUIRE(dead.size() == 1);
  CHECK(dead.front().name == "dead.org");
}
