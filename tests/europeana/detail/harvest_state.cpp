#include <eucv/europeana/detail/harvest_state.hpp>

#include <eucv/core/file.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include <csignal>
#include <sys/resource.h>

#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv::europeana;

namespace {

harvest_plan state_plan(const std::filesystem::path& table) {
  harvest_plan plan;
  plan.subjects = {{"toy", "http://data.europeana.eu/concept/56", ""},
                   {"map", "http://data.europeana.eu/concept/43", ""}};
  plan.table = table;
  plan.per_class = 2;
  return plan;
}

record item(const std::string& id) {
  record made;
  made.id = id;
  made.type = "IMAGE";
  made.image = "http://x.example" + id;
  made.title = "=1+1, \"quoted\"";
  return made;
}

subject_state after(std::uint64_t candidates, cursor_end end = cursor_end::none) {
  subject_state state;
  state.mark = "M";
  state.candidates = candidates;
  state.end = end;
  return state;
}

std::string fault_of(const harvest_plan& plan, const std::string& endpoint = "http://e/") {
  const auto failure = test::failure_of([&] { const harvest_state state(plan, endpoint); });
  if (!failure) return {};
  CHECK(failure->code() == eucv::errc::invalid_argument);
  return failure->what();
}

} // namespace

TEST_CASE("an item is kept at the first subject that has it, and rows stop at the number wanted") {
  const test::temporary_folder folder;
  const auto plan = state_plan(folder / "a.csv");
  harvest_state state(plan, "http://e/");
  // Written in another order than that of the vocabulary: the table does not show it.
  state.append(1, candidate_line({1}, item("/1/b")) + candidate_line({1}, item("/1/c")), after(2));
  state.append(0, candidate_line({0}, item("/1/a")) + candidate_line({0}, item("/1/a")), after(2));
  state.append(0, candidate_line({0}, item("/1/b")) + candidate_line({0}, item("/1/d")), after(4));
  const auto counts = state.merge();
  CHECK(counts[0].rows == 2);
  CHECK(counts[0].duplicates == 1);
  CHECK(counts[1].rows == 1); // /1/b belongs to toy
  CHECK(counts[1].duplicates == 1);
  CHECK_FALSE(std::filesystem::exists(plan.table));
  CHECK(state.finish().rows() == 3);
  const std::string text = eucv::read_file(plan.table);
  CHECK(text.starts_with("category,skos_concept,URI,ID,URL,rights,data_provider,provider,country,title,creator,"
                         "landing_page,preview\n"
                         "toy,http://data.europeana.eu/concept/56,http://data.europeana.eu/item/1/a,/1/a,"
                         "http://x.example/1/a,"));
  CHECK(text.find("\ntoy,http://data.europeana.eu/concept/56,http://data.europeana.eu/item/1/b,") != std::string::npos);
  CHECK(text.find("\nmap,http://data.europeana.eu/concept/43,http://data.europeana.eu/item/1/c,") != std::string::npos);
  CHECK(text.find(",=1+1") == std::string::npos); // no spreadsheet runs a title
  CHECK(text.find("/1/d") == std::string::npos);
}

TEST_CASE("bytes beyond the recorded length are cut off") {
  const test::temporary_folder folder;
  const auto plan = state_plan(folder / "a.csv");
  {
    harvest_state state(plan, "http://e/");
    state.append(0, candidate_line({0}, item("/1/a")), after(1));
  }
  std::ofstream(folder / "a.csv.harvest" / "0.rows", std::ios::app) << "/1/half\ttoy,http";
  harvest_state state(plan, "http://e/");
  CHECK(state.of(0).mark == "M");
  CHECK(state.merge()[0].rows == 1);
  state.append(0, candidate_line({0}, item("/1/b")), after(2));
  CHECK(state.merge()[0].rows == 2);
  CHECK(eucv::read_file(folder / "a.csv.harvest" / "0.rows").find("half") == std::string::npos);
}

TEST_CASE("in the mode multi-label a row has all labels, and items with several come first") {
  const test::temporary_folder folder;
  auto plan = state_plan(folder / "a.csv");
  plan.mode = harvest_mode::multi_label;
  harvest_state state(plan, "http://e/");
  state.append(0, candidate_line({0}, item("/1/a")) + candidate_line({0, 1}, item("/1/b")), after(2));
  state.append(state.several(0), candidate_line({0, 1}, item("/1/b")), after(1));
  state.append(1, candidate_line({1}, item("/1/c")) + candidate_line({0, 1}, item("/1/b")), after(2));
  const auto report = state.finish();
  CHECK(report.subjects[0].rows == 2);
  CHECK(report.subjects[0].several == 1);
  CHECK(report.subjects[1].rows == 1);
  CHECK(report.subjects[1].duplicates == 1);
  const std::string text = eucv::read_file(plan.table);
  const auto at = text.find("\ntoy map,http://data.europeana.eu/concept/56 http://data.europeana.eu/concept/43,"
                            "http://data.europeana.eu/item/1/b,/1/b,");
  REQUIRE(at != std::string::npos);
  CHECK(text.find("\ntoy,http://data.europeana.eu/concept/56,http://data.europeana.eu/item/1/a,", at) !=
        std::string::npos);
  CHECK(text.find("\nmap,http://data.europeana.eu/concept/43,http://data.europeana.eu/item/1/c,", at) !=
        std::string::npos);
  CHECK(std::ranges::count(text, '\n') == 4);
}

TEST_CASE("a harvest that has ended stays ended, until its table is moved away") {
  const test::temporary_folder folder;
  const auto plan = state_plan(folder / "a.csv");
  {
    harvest_state state(plan, "http://e/");
    state.append(0, candidate_line({0}, item("/1/a")), after(1, cursor_end::no_mark));
    state.finish();
  }
  {
    const harvest_state again(plan, "http://e/");
    REQUIRE(again.done());
    CHECK(again.done()->rows() == 1);
    CHECK(again.done()->subjects[0].state.end == cursor_end::no_mark);
  }
  CHECK_FALSE(std::filesystem::exists(folder / "a.csv.harvest" / "0.rows"));
  std::filesystem::remove(plan.table);
  const harvest_state anew(plan, "http://e/");
  CHECK_FALSE(anew.done());
  CHECK(anew.of(0).candidates == 0);
}

TEST_CASE("another plan does not go on with this state, and the message says what differs") {
  const test::temporary_folder folder;
  const auto plan = state_plan(folder / "a.csv");
  { const harvest_state begun(plan, "http://e/"); }
  CHECK(fault_of(plan).empty());
  auto other = plan;
  other.per_class = 3;
  CHECK(fault_of(other).find("begun with \"per-class\":2, not with \"per-class\":3") != std::string::npos);
  other = plan;
  other.seed = 9;
  CHECK(fault_of(other).find("\"seed\":9") != std::string::npos);
  other = plan;
  other.reuse.insert(reusability::permission);
  CHECK(fault_of(other).find("not with \"reusability\":\"open,permission\"") != std::string::npos);
  other = plan;
  other.text = "cat";
  CHECK(fault_of(other).find("\"query\":\"cat\"") != std::string::npos);
  other = plan;
  other.subjects[1].label = "atlas";
  CHECK(fault_of(other).find("another vocabulary") != std::string::npos);
  CHECK(fault_of(plan, "http://f/").find("\"endpoint\":\"http://f/\"") != std::string::npos);
  other = plan;
  other.mode = harvest_mode::multi_label;
  CHECK(fault_of(other).find("\"mode\":\"multi-label\"") != std::string::npos);
  other = plan;
  other.concurrency = 1; // changes nothing in the table
  CHECK(fault_of(other).empty());
}

TEST_CASE("a table that no harvest wrote is not overwritten") {
  const test::temporary_folder folder;
  std::ofstream(folder / "a.csv") << "mine";
  CHECK(fault_of(state_plan(folder / "a.csv")).find("no state of a harvest beside it") != std::string::npos);
  CHECK(eucv::read_file(folder / "a.csv") == "mine");
  CHECK_FALSE(std::filesystem::exists(folder / "a.csv.harvest"));
}

TEST_CASE("an unfit plan is refused before anything is written") {
  const test::temporary_folder folder;
  const auto plan = state_plan(folder / "a.csv");
  auto unfit = plan;
  unfit.subjects.clear();
  CHECK_FALSE(fault_of(unfit).empty());
  unfit = plan;
  unfit.per_class = 0;
  CHECK_FALSE(fault_of(unfit).empty());
  unfit = plan;
  unfit.subjects[1].label = "toy";
  CHECK(fault_of(unfit).find("twice") != std::string::npos);
  unfit = plan;
  unfit.subjects[0].label = "to\ny";
  CHECK_FALSE(fault_of(unfit).empty());
  CHECK(std::filesystem::is_empty(folder.path()));
  unfit = plan;
  unfit.subjects[0].label = "old toy";
  CHECK(fault_of(unfit).empty());
  unfit.table = folder / "b.csv";
  unfit.mode = harvest_mode::multi_label;
  CHECK(fault_of(unfit).find("holds a blank") != std::string::npos);
}

TEST_CASE("two processes do not work on one table") {
  const test::temporary_folder folder;
  const auto plan = state_plan(folder / "a.csv");
  const harvest_state first(plan, "http://e/");
  CHECK(test::code_of([&] { const harvest_state second(plan, "http://e/"); }) == eucv::errc::in_use);
}

TEST_CASE("a folder that is not there, and a changed state, are named") {
  const test::temporary_folder folder;
  CHECK(test::code_of([&] { const harvest_state state(state_plan(folder / "no" / "a.csv"), "http://e/"); }) ==
        eucv::errc::not_found);
  const auto plan = state_plan(folder / "a.csv");
  {
    harvest_state state(plan, "http://e/");
    state.append(0, candidate_line({0}, item("/1/a")), after(1));
  }
  std::filesystem::resize_file(folder / "a.csv.harvest" / "0.rows", 5);
  const harvest_state cut(plan, "http://e/");
  CHECK(test::code_of([&] { (void)cut.merge(); }) == eucv::errc::bad_format);
}

TEST_CASE("a disk that takes no more ends the harvest, and what was kept stays") {
  const test::temporary_folder folder;
  const auto plan = state_plan(folder / "a.csv");
  harvest_state state(plan, "http://e/");
  const auto line = candidate_line({0}, item("/1/a"));
  state.append(0, line, after(1));
  // A limit on the size of files stands in for the full disk.
  struct rlimit before {};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  struct rlimit small = before;
  small.rlim_cur = line.size() + 10;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const auto code = test::code_of([&] { state.append(0, line, after(2)); });
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, handler);
  CHECK(code == eucv::errc::io);
  CHECK(state.of(0).candidates == 1);
  CHECK(state.merge()[0].rows == 1);
}
