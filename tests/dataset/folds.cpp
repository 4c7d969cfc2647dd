#include <eucv/dataset/folds.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "support/code_of.hpp"

using namespace eucv;

namespace {

// `counts` pictures of each class; each group holds `together` of them.
dataset::image_folder labelled_pictures(const std::vector<std::size_t>& counts, std::size_t together = 1) {
  dataset::image_folder folder;
  for (std::size_t label = 0; label < counts.size(); ++label) {
    folder.labels.push_back("class " + std::to_string(label));
    for (std::size_t i = 0; i < counts[label]; ++i)
      folder.files.push_back({.file = std::to_string(label) + "/" + std::to_string(i),
                              .label = label,
                              .group = std::to_string(label) + "/" + std::to_string(i / together)});
  }
  return folder;
}

} // namespace

TEST_CASE("each fold has its share of each class to within one picture, and the folds are equally large") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const auto folder = labelled_pictures({23, 7, 100, 5});
    const auto fold_of = dataset::stratified_folds(folder, {.folds = 5, .seed = seed});
    std::vector<std::size_t> sizes(5);
    std::vector<std::vector<std::size_t>> of_class(4, std::vector<std::size_t>(5));
    for (std::size_t i = 0; i < fold_of.size(); ++i) {
      ++sizes[fold_of[i]];
      ++of_class[folder.files[i].label][fold_of[i]];
    }
    CHECK(*std::max_element(sizes.begin(), sizes.end()) - *std::min_element(sizes.begin(), sizes.end()) <= 1);
    for (const auto& counts : of_class)
      CHECK(*std::max_element(counts.begin(), counts.end()) - *std::min_element(counts.begin(), counts.end()) <= 1);
  }
}

TEST_CASE("groups are never parted, whatever their size") {
  auto folder = labelled_pictures({60, 60}, 4);
  for (std::size_t i = 0; i < 20; ++i) folder.files[i].group = "a large provider";
  folder.files[70].group = "a large provider"; // with a picture of the other class
  const auto fold_of = dataset::stratified_folds(folder, {.folds = 3});
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < fold_of.size(); ++i)
    CHECK(seen.try_emplace(folder.files[i].group, fold_of[i]).first->second == fold_of[i]);
}

TEST_CASE("the seed decides, and the same one decides the same") {
  const auto folder = labelled_pictures({30, 30});
  const auto one = dataset::stratified_folds(folder, {.seed = 1});
  CHECK(one == dataset::stratified_folds(folder, {.seed = 1}));
  CHECK(one != dataset::stratified_folds(folder, {.seed = 2}));
}

TEST_CASE("what cannot be divided is refused") {
  const auto code = [](const dataset::image_folder& folder, std::size_t folds) {
    return test::code_of([&] { (void)dataset::stratified_folds(folder, {.folds = folds}); });
  };
  CHECK(code(labelled_pictures({5, 5}), 1) == errc::invalid_argument);
  CHECK(code(labelled_pictures({5, 4}), 5) == errc::class_too_small);
  CHECK(code(labelled_pictures({5, 10}, 2), 5) == errc::class_too_small);
  CHECK(code(labelled_pictures({5, 0}), 2) == errc::empty_class);
}

TEST_CASE("a leak between folds is an error that names the files") {
  dataset::picture_set set{.folder = {}, .pictures = labelled_pictures({6}), .copies = {}, .ids = {}};
  for (std::size_t i = 0; i < 6; ++i) set.copies.first.push_back(i);
  const std::vector<std::size_t> fold_of{0, 1, 2, 0, 1, 2};
  dataset::check_leakage(set, fold_of);
  set.copies.first[5] = 0; // a copy of the first, in another fold
  const auto failure = test::failure_of([&] { dataset::check_leakage(set, fold_of); });
  REQUIRE(failure);
  CHECK(failure->code() == errc::leakage);
  CHECK(std::string(failure->what()).find("0/5") != std::string::npos);
  set.copies.first[5] = 5;
  set.pictures.files[4].group = set.pictures.files[0].group;
  CHECK(test::code_of([&] { dataset::check_leakage(set, fold_of); }) == errc::leakage);
  const auto parts = dataset::parts_of(fold_of, 1);
  CHECK(parts.held_out == std::vector<std::size_t>{1, 4});
  CHECK(parts.rest == std::vector<std::size_t>{0, 2, 3, 5});
}
