#include <eucv/enrich/ledger.hpp>

#include <eucv/core/file.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "support/code_of.hpp"
#include "support/spoken_evidence.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv::enrich;
using eucv::read_file;

namespace {

constexpr std::size_t all_records = 7;

// Appends what is still to be said of the records; true: that was something.
bool go_on(const std::filesystem::path& folder) {
  enricher rule(test::judged_model(), std::string(64, 'm'));
  ledger book(folder, rule);
  bool something = false;
  for (std::size_t i = 0; i < all_records; ++i) {
    const auto all = test::spoken_evidence(i);
    item what;
    what.id = all.id;
    if (!rule.wants(what)) continue;
    book.append(all);
    something = true;
  }
  CHECK(book.records() == all_records);
  CHECK(book.statements() == 4);
  return something;
}

void write(const std::filesystem::path& path, const std::string& text) {
  eucv::write_file_atomically(path, text);
}

} // namespace

TEST_CASE("a second run has nothing to add, and a second process no place") {
  const test::temporary_folder folder;
  CHECK(go_on(folder / "a"));
  const auto evidence = read_file(folder / "a/evidence.jsonl"), annotations = read_file(folder / "a/annotations.jsonl");
  CHECK(std::ranges::count(evidence, '\n') == all_records);
  CHECK(std::ranges::count(annotations, '\n') == 4);
  CHECK_FALSE(go_on(folder / "a"));
  CHECK(read_file(folder / "a/evidence.jsonl") == evidence);
  CHECK(read_file(folder / "a/annotations.jsonl") == annotations);

  enricher rule(test::judged_model(), "x");
  const ledger open(folder / "a", rule);
  CHECK(test::code_of([&] { const ledger other(folder / "a", rule); }) == eucv::errc::in_use);
}

TEST_CASE("a run that was killed at any byte goes on to the same files") {
  const test::temporary_folder folder;
  go_on(folder / "whole");
  const auto evidence = read_file(folder / "whole/evidence.jsonl"),
             annotations = read_file(folder / "whole/annotations.jsonl");
  // The order in which the bytes are written: each record's evidence, then its annotations.
  std::vector<std::pair<std::string, std::string>> states;
  std::string first, second;
  for (std::size_t i = 0; i < all_records; ++i) {
    const auto all = test::spoken_evidence(i);
    for (const char c : to_json(all) + '\n') states.emplace_back(first += c, second);
    for (const auto& one : annotations_of(all))
      for (const char c : eucv::europeana::to_json(one) + '\n') states.emplace_back(first, second += c);
  }
  CHECK(first == evidence);
  CHECK(second == annotations);
  for (std::size_t i = 0; i < states.size(); i += 41) {
    CAPTURE(i);
    eucv::make_folder(folder / "cut");
    write(folder / "cut/evidence.jsonl", states[i].first);
    write(folder / "cut/annotations.jsonl", states[i].second);
    go_on(folder / "cut");
    CHECK(read_file(folder / "cut/evidence.jsonl") == evidence);
    CHECK(read_file(folder / "cut/annotations.jsonl") == annotations);
  }
}

TEST_CASE("annotations without evidence are made again or cut off; evidence that is none is refused and left alone") {
  const test::temporary_folder folder;
  go_on(folder / "a");
  const auto evidence = read_file(folder / "a/evidence.jsonl"), annotations = read_file(folder / "a/annotations.jsonl");
  std::filesystem::remove(folder / "a/annotations.jsonl");
  CHECK_FALSE(go_on(folder / "a"));
  CHECK(read_file(folder / "a/annotations.jsonl") == annotations);
  write(folder / "a/annotations.jsonl", annotations + annotations);
  CHECK_FALSE(go_on(folder / "a"));
  CHECK(read_file(folder / "a/annotations.jsonl") == annotations);

  const std::string spoiled = "no JSON\n" + evidence;
  write(folder / "a/evidence.jsonl", spoiled);
  enricher rule(test::judged_model(), "x");
  CHECK(test::code_of([&] { const ledger book(folder / "a", rule); }) == eucv::errc::bad_format);
  CHECK(read_file(folder / "a/evidence.jsonl") == spoiled);
  CHECK(read_file(folder / "a/annotations.jsonl") == annotations);
}
