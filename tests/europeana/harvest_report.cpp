#include <eucv/europeana/harvest_report.hpp>

#include <doctest/doctest.h>

#include <string>

#include "support/code_of.hpp"

using namespace eucv::europeana;

namespace {

subject_state some_state() {
  subject_state state;
  state.mark = "AoE/+\"=";
  state.end = cursor_end::loop;
  state.length = 1234567890123;
  state.candidates = 2;
  state.total = 3;
  state.first_total = 30;
  state.malformed = 4;
  state.without_image = 5;
  state.refused_rights = 6;
  return state;
}

} // namespace

TEST_CASE("a state goes to disk and back") {
  const auto text = to_json(some_state());
  CHECK(to_json(parse_subject_state(text, "0.json")) == text);
  CHECK(parse_subject_state(text, "0.json").length == 1234567890123);
  CHECK(parse_subject_state(text, "0.json").end == cursor_end::loop);
  CHECK(to_json(parse_subject_state(to_json(subject_state{}), "0.json")) == to_json(subject_state{}));
}

TEST_CASE("a report goes to disk and back") {
  harvest_report report;
  report.subjects.push_back({"toy \"1\"", "http://data.europeana.eu/concept/56", 7, 8, 2, some_state()});
  report.subjects.push_back({"map", "http://data.europeana.eu/concept/43", 1, 0, 0, {}});
  report.requests = 9;
  const auto back = parse_harvest_report(to_json(report), "done.json");
  REQUIRE(back.subjects.size() == 2);
  CHECK(back.rows() == 8);
  CHECK(back.requests == 0);
  CHECK(back.subjects[0].label == "toy \"1\"");
  CHECK(back.subjects[0].duplicates == 8);
  CHECK(back.subjects[0].several == 2);
  CHECK(to_json(back.subjects[0].state) == to_json(some_state()));
}

TEST_CASE("a damaged state is refused") {
  const std::string good = to_json(some_state());
  for (std::size_t cut = 0; cut < good.size(); cut += 7)
    CHECK(test::code_of([&] { (void)parse_subject_state(good.substr(0, cut), "0.json"); }) == eucv::errc::bad_format);
  for (const char* text :
       {R"({"mark":1})", R"({"mark":"*","end":"never","length":0})", R"({"mark":"*","end":"none","length":-1})", "[]"})
    CHECK(test::code_of([&] { (void)parse_subject_state(text, "0.json"); }) == eucv::errc::bad_format);
  CHECK(test::code_of([] { (void)parse_harvest_report("{}", "done.json"); }) == eucv::errc::bad_format);
}
