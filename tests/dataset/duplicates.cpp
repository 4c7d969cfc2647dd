#include <eucv/dataset/duplicates.hpp>

#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_images.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

using namespace eucv;
using namespace eucv::dataset;

namespace {

fingerprint made(std::size_t number, std::uint64_t hash, std::uint8_t level) {
  fingerprint print{.sha256 = std::to_string(number), .dhash = hash, .has_detail = true};
  print.squares.fill(level);
  return print;
}

// Every pair, for comparison: what find_duplicates() must equal.
std::vector<std::size_t> by_all_pairs(const std::vector<fingerprint>& files, const duplicate_options& options = {}) {
  std::vector<std::size_t> first(files.size());
  for (std::size_t i = 0; i < files.size(); ++i) first[i] = i;
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < files.size(); ++i)
      for (std::size_t j = 0; j < files.size(); ++j) {
        const bool near = files[i].has_detail && files[j].has_detail &&
                          image::hash_distance(files[i].dhash, files[j].dhash) <= options.distance &&
                          square_difference(files[i], files[j]) <= options.difference;
        if ((near || files[i].sha256 == files[j].sha256) && first[i] < first[j]) first[j] = first[i], changed = true;
      }
  }
  return first;
}

} // namespace

TEST_CASE("groups are those of all pairs, at every distance") {
  eucv::random engine(7);
  std::vector<fingerprint> files;
  for (std::size_t i = 0; i < 400; ++i) {
    const bool copy = i > 20 && engine.below(2) == 0;
    const std::uint64_t of = copy ? files[engine.below(files.size())].dhash : engine();
    std::uint64_t hash = of;
    for (std::uint64_t bits = engine.below(9); copy && bits > 0; --bits) hash ^= std::uint64_t{1} << engine.below(64);
    files.push_back(made(engine.below(350), hash, static_cast<std::uint8_t>(100 + engine.below(12))));
    files.back().has_detail = engine.below(20) != 0;
  }
  for (const int distance : {0, 1, 4, 7, 15}) {
    const duplicate_options options{.distance = distance};
    const auto found = find_duplicates(files, options);
    // Equal sha256 with unequal rest is no such thing; of equal bytes the first alone is compared.
    auto alike = files;
    for (auto& each : alike)
      for (const auto& other : files)
        if (other.sha256 == each.sha256) {
          each = other;
          break;
        }
    CHECK(found.first == by_all_pairs(alike, options));
  }
  CHECK(test::code_of([&] { (void)find_duplicates(files, {.distance = 16}); }) == errc::invalid_argument);
}

TEST_CASE("exact and near copies are counted, flat pictures are told apart by their bytes alone") {
  std::vector<fingerprint> files{made(1, 0xFFFF, 90), made(1, 0xFFFF, 90), made(2, 0xFFFE, 92), made(3, 0xFFFF, 190)};
  for (std::size_t i = 0; i < 50; ++i) {
    files.push_back(made(100 + i, 0, 255)); // blank pages
    files.back().has_detail = false;
  }
  files.push_back({}); // unreadable
  files.push_back({});
  const auto found = find_duplicates(files);
  CHECK(found.exact == 1);
  CHECK(found.near == 1);
  CHECK(found.groups() == std::vector<std::vector<std::size_t>>{{0, 1, 2}});
}

TEST_CASE("100,000 pictures take less than quadratic time") {
  eucv::random engine(5);
  std::vector<fingerprint> files;
  for (std::size_t i = 0; i < 100'000; ++i) {
    // A tenth are copies; half share an outline, as objects on white do.
    const std::uint64_t hash = i % 10 == 9  ? files[i - 5].dhash ^ (std::uint64_t{1} << engine.below(64))
                               : i % 2 == 0 ? 0xF0F0F0F0F0F0F0F0 ^ (engine() & engine() & engine())
                                            : engine();
    files.push_back(
        made(i, hash, static_cast<std::uint8_t>(i % 10 == 9 ? files[i - 5].squares[0] : engine.below(256))));
  }
  const std::clock_t start = std::clock();
  const auto found = find_duplicates(files);
  const double seconds = double(std::clock() - start) / CLOCKS_PER_SEC;
  for (std::size_t i = 9; i < files.size(); i += 10) REQUIRE(found.first[i] == found.first[i - 5]);
  CHECK(seconds < 20); // under sanitizers, too
  if (std::getenv("EUCV_TEST_FIGURES") != nullptr) std::printf("100,000 fingerprints: %.3f s\n", seconds);
}

TEST_CASE("copies of one picture stay on one side, and a split that parts them is an error") {
  const test::temporary_folder folder;
  make_folder(folder / "a");
  make_folder(folder / "b");
  for (std::size_t i = 0; i < 12; ++i) {
    const auto picture = test::noise(24 + i, 24, i);
    const char* label = i % 2 == 0 ? "a" : "b";
    write_file_atomically(folder / label / (std::to_string(i) + ".jpg"), test::make_jpeg(picture));
    write_file_atomically(folder / "a" / (std::to_string(i) + "-copy.jpg"), test::make_jpeg(picture, {.quality = 85}));
  }
  auto pictures = read_image_folder(folder.path());
  thread_pool pool(2);
  const auto found = find_duplicates(fingerprints_of(pictures.files, pool));
  CHECK(found.near == 12);
  CHECK(found.exact == 0);
  split_indices wrong;
  for (std::size_t i = 0; i < pictures.files.size(); ++i) (i < 12 ? wrong.train : wrong.validation).push_back(i);
  CHECK(test::code_of([&] { check_leakage(pictures.files, found, wrong); }) == errc::leakage);
  join_groups(pictures.files, found);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto split = stratified_split(pictures, {.validation = 0.2, .test = 0.2, .seed = seed});
    check_leakage(pictures.files, found, split);
  }
}

TEST_CASE("a record and its copies in another record become one group") {
  std::vector<labelled_file> files{{.file = "1", .group = "x"},
                                   {.file = "2", .group = "y"},
                                   {.file = "3", .group = "x"},
                                   {.file = "4", .group = "z"},
                                   {.file = "5", .group = "w"}};
  const duplicate_groups found{.first = {0, 1, 2, 2, 4}};
  join_groups(files, found);
  CHECK(files[0].group == files[2].group);
  CHECK(files[3].group == files[2].group); // a copy of 3, whose record holds 1
  CHECK(files[1].group == "y");
  CHECK(files[4].group == "w");
}
