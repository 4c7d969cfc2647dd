#include <eucv/dataset/detail/iterative_stratification.hpp>

#include <eucv/dataset/folds.hpp>
#include <eucv/dataset/label_sets.hpp>
#include <eucv/dataset/split.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "support/code_of.hpp"

using namespace eucv;

namespace {

// Pictures with labels drawn at these rates, each of its own group.
dataset::image_folder drawn_labels(std::size_t count, const std::vector<double>& rates, std::uint64_t seed) {
  eucv::random engine(seed);
  dataset::image_folder folder;
  std::vector<std::set<std::string>> labels(count);
  for (std::size_t i = 0; i < count; ++i) {
    folder.files.push_back({.file = std::to_string(i), .group = std::to_string(i)});
    for (std::size_t label = 0; label < rates.size(); ++label)
      if (engine.uniform() < rates[label]) labels[i].insert("label " + std::to_string(label));
  }
  dataset::assign_labels(folder, labels);
  return folder;
}

} // namespace

TEST_CASE("each part has its share of each label, the rare ones above all") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const auto folder = drawn_labels(1000, {0.5, 0.3, 0.1, 0.03, 0.02}, seed);
    const std::vector<double> shares{0.7, 0.2, 0.1};
    const auto part_of = dataset::iterative_parts(folder, shares, seed);
    std::vector<std::size_t> sizes(3);
    std::vector<std::vector<double>> found(3, std::vector<double>(5));
    std::vector<double> all(5);
    for (std::size_t i = 0; i < part_of.size(); ++i) {
      ++sizes[part_of[i]];
      for (const std::size_t label : folder.labels_of(folder.files[i])) {
        ++found[part_of[i]][label];
        ++all[label];
      }
    }
    for (std::size_t part = 0; part < 3; ++part) {
      CHECK(std::abs(static_cast<double>(sizes[part]) - 1000 * shares[part]) <= 10);
      for (std::size_t label = 0; label < 5; ++label) {
        CAPTURE(label);
        CHECK(std::abs(found[part][label] - shares[part] * all[label]) <= (label < 2 ? 5 : 2));
        CHECK(found[part][label] >= 1);
      }
    }
    CHECK(part_of == dataset::iterative_parts(folder, shares, seed));
    CHECK(part_of != dataset::iterative_parts(folder, shares, seed + 1));
  }
}

TEST_CASE("splits and folds of pictures with several labels are divided so, and groups never parted") {
  auto folder = drawn_labels(300, {0.4, 0.2, 0.1}, 5);
  for (std::size_t i = 0; i < 300; ++i) folder.files[i].group = std::to_string(i / 3);
  const auto fold_of = dataset::stratified_folds(folder, {.folds = 5});
  for (std::size_t i = 0; i < 300; ++i) CHECK(fold_of[i] == fold_of[i / 3 * 3]);
  for (std::size_t fold = 0; fold < 5; ++fold)
    CHECK(std::abs(std::count(fold_of.begin(), fold_of.end(), fold) - 60) <= 3); // a group
  const auto split = dataset::stratified_split(folder, {.validation = 0.2});
  CHECK(split.validation.size() == 60);
  CHECK(split.train.size() == 240);
  CHECK(split.test.empty());
  for (const std::size_t i : split.validation)
    CHECK(std::binary_search(split.validation.begin(), split.validation.end(), i / 3 * 3));
}

TEST_CASE("a label with three groups is in three parts, and one with two is refused") {
  dataset::image_folder folder;
  std::vector<std::set<std::string>> labels;
  for (std::size_t i = 0; i < 30; ++i) {
    folder.files.push_back({.file = std::to_string(i), .group = std::to_string(i)});
    labels.push_back({"common"});
  }
  for (const std::size_t i : {3U, 11U, 12U}) labels[i].insert("rare");
  dataset::assign_labels(folder, labels);
  const std::vector<double> shares{0.8, 0.1, 0.1};
  const auto part_of = dataset::iterative_parts(folder, shares, 1);
  CHECK(std::set<std::size_t>{part_of[3], part_of[11], part_of[12]}.size() == 3);
  labels[3] = {"common"};
  dataset::assign_labels(folder, labels);
  const auto failure = test::failure_of([&] { (void)dataset::iterative_parts(folder, shares, 1); });
  REQUIRE(failure);
  CHECK(failure->code() == errc::class_too_small);
  CHECK(failure->text().on.find("rare") != std::string::npos);
}
