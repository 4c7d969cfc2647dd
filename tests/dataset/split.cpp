#include <eucv/dataset/split.hpp>

#include <eucv/core/random.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "support/code_of.hpp"

using namespace eucv::dataset;
using test::failure_of;

namespace {

struct files {
  std::vector<std::size_t> labels;
  std::vector<std::string> groups;

  void add(std::size_t label, std::size_t count, const std::string& group = {}) {
    for (; count > 0; --count) {
      labels.push_back(label);
      groups.push_back(group.empty() ? "file " + std::to_string(labels.size()) : group);
    }
  }
  [[nodiscard]] split_indices split(const split_options& options) const {
    return stratified_split(labels, groups, options);
  }
  [[nodiscard]] std::size_t count(const std::vector<std::size_t>& part, std::size_t label) const {
    return static_cast<std::size_t>(
        std::count_if(part.begin(), part.end(), [&](std::size_t i) { return labels[i] == label; }));
  }
};

// Each file once, and no group on two sides.
void check_partition(const files& all, const split_indices& split) {
  std::set<std::size_t> seen;
  std::map<std::string, std::size_t> part_of;
  std::size_t number = 0;
  for (const auto* part : {&split.train, &split.validation, &split.test}) {
    CHECK(std::is_sorted(part->begin(), part->end()));
    for (const std::size_t i : *part) {
      CHECK(seen.insert(i).second);
      CHECK(part_of.try_emplace(all.groups[i], number).first->second == number);
    }
    ++number;
  }
  CHECK(seen.size() == all.labels.size());
}

} // namespace

TEST_CASE("each part has its fraction of each class to within one file") {
  files all;
  const std::size_t counts[] = {100, 37, 10, 5, 3};
  for (std::size_t label = 0; label < 5; ++label) all.add(label, counts[label]);
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto split = all.split({.validation = 0.15, .test = 0.2, .seed = seed});
    check_partition(all, split);
    for (std::size_t label = 0; label < 5; ++label) {
      const auto near = [&](const std::vector<std::size_t>& part, double share) {
        CHECK(std::abs(static_cast<double>(all.count(part, label)) - share * static_cast<double>(counts[label])) <= 1);
        CHECK(all.count(part, label) >= 1);
      };
      near(split.train, 0.65);
      near(split.validation, 0.15);
      near(split.test, 0.2);
    }
  }
  const auto tenth = all.split({});
  CHECK(all.count(tenth.validation, 0) == 10);
  CHECK(all.count(tenth.validation, 2) == 1);
  CHECK(tenth.test.empty());
}

TEST_CASE("the seed decides, and nothing else") {
  files all;
  all.add(0, 40);
  all.add(1, 40);
  const auto first = all.split({.validation = 0.25, .seed = 5});
  CHECK(first.validation == all.split({.validation = 0.25, .seed = 5}).validation);
  CHECK(first.validation != all.split({.validation = 0.25, .seed = 6}).validation);
}

TEST_CASE("groups stay together, whatever their sizes and classes") {
  eucv::random random(3);
  for (std::uint64_t round = 1; round <= 50; ++round) {
    files all;
    for (std::size_t group = 0; group < 60; ++group) {
      // Every tenth group has files of two classes.
      const std::size_t label = group % 4, count = 1 + random.below(5);
      all.add(label, count, "record " + std::to_string(group));
      if (group % 10 == 9) all.add((label + 1) % 4, 1, "record " + std::to_string(group));
    }
    const auto split = all.split({.validation = 0.2, .test = 0.1, .seed = round});
    check_partition(all, split);
    for (std::size_t label = 0; label < 4; ++label) {
      CHECK(all.count(split.train, label) >= 1);
      CHECK(all.count(split.validation, label) >= 1);
      CHECK(all.count(split.test, label) >= 1);
      const auto total = static_cast<double>(std::count(all.labels.begin(), all.labels.end(), label));
      // A group of five cannot be cut, so the share is met to within half of one.
      CHECK(std::abs(static_cast<double>(all.count(split.validation, label)) - 0.2 * total) <= 3);
    }
  }
}

TEST_CASE("a large group goes to training, not to a small validation") {
  files all;
  all.add(0, 50, "album");
  all.add(0, 3);
  const auto split = all.split({.validation = 0.1});
  check_partition(all, split);
  CHECK(split.validation.size() == 3);
}

TEST_CASE("a class with two pictures can be halved, with one it cannot") {
  files all;
  all.add(0, 2);
  all.add(1, 20);
  const auto split = all.split({.validation = 0.5});
  CHECK(all.count(split.train, 0) == 1);
  CHECK(all.count(split.validation, 0) == 1);
  all.add(2, 1);
  const auto failure = failure_of([&] { (void)all.split({.validation = 0.5}); }).value();
  CHECK(failure.code() == eucv::errc::class_too_small);
  CHECK(failure.text().why == "it has 1 picture, too few for 2 parts that each need one of its own");
  CHECK(all.split({.validation = 0}).train.size() == 23); // nothing to split
}

TEST_CASE("two classes in one record can be too few") {
  files all;
  all.add(0, 3, "record");
  all.add(1, 5);
  const auto failure = failure_of([&] { (void)all.split({.validation = 0.2}); }).value();
  CHECK(failure.code() == eucv::errc::class_too_small);
  CHECK(failure.text().on == "class 0");
  CHECK(failure.text().why.starts_with("it has 3 pictures of 1 record, too few for 2 parts"));
}

TEST_CASE("a folder is split with the names of its classes") {
  image_folder folder{{"map", "toy"}, {}};
  for (std::size_t i = 0; i < 20; ++i)
    folder.files.push_back({"f" + std::to_string(i), i < 10 ? 0U : 1U, std::to_string(i)});
  const auto split = stratified_split(folder, {.validation = 0.2});
  CHECK(split.train.size() == 16);
  CHECK(split.validation.size() == 4);
  folder.labels.emplace_back("weaponry");
  const auto failure = failure_of([&] { (void)stratified_split(folder); }).value();
  CHECK(failure.code() == eucv::errc::empty_class);
  CHECK(failure.text().on == "the class \"weaponry\"");
}

TEST_CASE("what makes no sense is refused") {
  files all;
  all.add(0, 10);
  for (const auto& [validation, kept_aside] : {std::pair{-0.1, 0.0}, {0.0, -0.1}, {0.5, 0.5}, {std::nan(""), 0.0}})
    CHECK(test::code_of([&] { (void)all.split({.validation = validation, .test = kept_aside}); }) ==
          eucv::errc::invalid_argument);
  all.groups.pop_back();
  CHECK(test::code_of([&] { (void)all.split({}); }) == eucv::errc::invalid_argument);
  CHECK(files{}.split({}).train.empty());
}
