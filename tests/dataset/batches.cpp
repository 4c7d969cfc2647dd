#include <eucv/dataset/batches.hpp>

#include <eucv/image/encode.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <set>

#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_picture.hpp"

using namespace eucv::dataset;

namespace {

// 23 small pictures of other sizes, two of which are broken.
class pictures {
public:
  pictures() {
    for (unsigned i = 0; i < 23; ++i) {
      const auto file = folder_ / (std::to_string(i) + ".png");
      const std::string bytes = eucv::image::encode_png(test::tiny_picture(i, 20 + i, 40 - i));
      if (i != absent) eucv::write_file_atomically(file, i == page ? "<html>" : bytes);
      files.push_back({file, i % 3, std::to_string(i)});
    }
  }
  static constexpr std::size_t page = 4, absent = 17;
  std::vector<labelled_file> files;

private:
  test::temporary_folder folder_;
};

batch_options training(std::size_t threads) {
  return {.size = 16,
          .batch = 4,
          .order = epoch_order::shuffled,
          .augmentation = eucv::image::augmentation{},
          .seed = 9,
          .epoch = 2,
          .threads = threads};
}

std::vector<batch> all_of(const std::vector<labelled_file>& files, const batch_options& options) {
  batches epoch(files, options);
  std::vector<batch> all;
  while (auto next = epoch.next()) all.push_back(std::move(*next));
  CHECK_FALSE(epoch.next().has_value());
  return all;
}

bool equal(const batch& a, const batch& b) {
  return a.n == b.n && a.height == b.height && a.width == b.width && a.pixels == b.pixels && a.labels == b.labels &&
         a.items == b.items;
}

bool equal(const std::vector<batch>& a, const std::vector<batch>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const batch& x, const batch& y) { return equal(x, y); });
}

std::vector<std::size_t> items_of(const std::vector<batch>& all) {
  std::vector<std::size_t> items;
  for (const auto& each : all) items.insert(items.end(), each.items.begin(), each.items.end());
  return items;
}

} // namespace

TEST_CASE("in listed order each picture comes once, in its place, as its middle square") {
  const pictures set;
  const batch_options options{.size = 16, .batch = 5, .threads = 2};
  batches epoch(set.files, options);
  CHECK(epoch.size() == 5);
  const pixel_writer writer;
  std::size_t item = 0;
  for (std::size_t number = 0; auto got = epoch.next(); ++number) {
    CHECK(got->n == (number == 0 || number == 3 ? 4 : number == 4 ? 3 : 5)); // one is unreadable in 0 and in 3
    CHECK(got->height == 16);
    CHECK(got->width == 16);
    CHECK(got->labels.size() == got->n);
    REQUIRE(got->pixels.size() == got->n * 16 * 16 * 3);
    for (std::size_t i = 0; i < got->n; ++i, ++item) {
      if (item == pictures::page || item == pictures::absent) ++item;
      CHECK(got->items[i] == item);
      CHECK(got->labels[i] == item % 3);
      std::vector<float> expected;
      writer.append(middle_square(read_picture(set.files[item].file, {.shorter_side = 16}).value(), 16), expected);
      const auto begin = got->pixels.begin() + static_cast<std::ptrdiff_t>(i * 16 * 16 * 3);
      CHECK(std::equal(expected.begin(), expected.end(), begin));
    }
  }
  CHECK(item == 23);
}

TEST_CASE("unreadable files are listed with their reason, and move nothing") {
  const pictures set;
  const std::vector<unreadable_file> expected{{set.files[pictures::page].file, "not_an_image"},
                                              {set.files[pictures::absent].file, "not_found"}};
  batches epoch(set.files, {.size = 8, .batch = 1, .threads = 3});
  std::size_t number = 0;
  for (; auto got = epoch.next(); ++number) {
    CHECK(got->n == (number == pictures::page || number == pictures::absent ? 0 : 1));
    CHECK(epoch.unreadable().size() == (number < pictures::page ? 0 : number < pictures::absent ? 1 : 2));
  }
  CHECK(number == 23);
  CHECK(epoch.unreadable() == expected);
}

TEST_CASE("batches have the same bits for any number of threads and any queue") {
  const pictures set;
  const auto one = all_of(set.files, training(1));
  CHECK(one.size() == 6);
  CHECK(items_of(one).size() == 21);
  for (const std::size_t threads : {2U, 4U})
    for (const std::size_t queue : {1U, 3U, 100U}) {
      auto options = training(threads);
      options.queue = queue;
      CHECK(equal(one, all_of(set.files, options)));
    }
}

TEST_CASE("an epoch that begins at a later batch gives what the whole one gives from there on") {
  const pictures set;
  const auto whole = all_of(set.files, training(2));
  for (std::size_t first = 0; first <= whole.size() + 1; ++first) {
    auto options = training(2);
    options.first_batch = first;
    const auto begin = whole.begin() + static_cast<std::ptrdiff_t>(std::min(first, whole.size()));
    CHECK(equal(std::vector<batch>(begin, whole.end()), all_of(set.files, options)));
  }
}

TEST_CASE("each epoch and each seed has an order and an augmentation of its own") {
  const pictures set;
  const auto options = training(1);
  auto next_epoch = options, other_seed = options, listed = options;
  ++next_epoch.epoch;
  ++other_seed.seed;
  listed.order = epoch_order::listed;
  const auto items = items_of(all_of(set.files, options));
  CHECK(items != items_of(all_of(set.files, next_epoch)));
  CHECK(items != items_of(all_of(set.files, other_seed)));
  CHECK(std::set<std::size_t>(items.begin(), items.end()).size() == 21);
  const auto first = all_of(set.files, listed);
  ++listed.epoch;
  const auto second = all_of(set.files, listed);
  CHECK(items_of(first) == items_of(second));
  std::size_t equal_pixels = 0;
  for (std::size_t i = 0; i < first.size(); ++i) equal_pixels += first[i].pixels == second[i].pixels ? 1 : 0;
  CHECK(equal_pixels == 0);
}

TEST_CASE("a cache spares the decoding and changes no bit") {
  auto set = std::make_unique<pictures>();
  const auto files = set->files;
  const auto plain = all_of(files, training(1));
  decoded_cache cache(1 << 20);
  auto cached = training(2);
  cached.cache = &cache;
  CHECK(equal(plain, all_of(files, cached)));
  CHECK(cache.size() == 21);
  CHECK(equal(plain, all_of(files, cached)));
  set.reset(); // the files are gone, the pictures are still there
  CHECK(equal(plain, all_of(files, cached)));

  const pictures again;
  decoded_cache small(10'000);
  cached.cache = &small;
  CHECK(equal(plain, all_of(again.files, cached)));
  CHECK(equal(plain, all_of(again.files, cached)));
  CHECK(small.size() > 0);
  CHECK(small.size() < 21);
}

TEST_CASE("no more batches than the queue holds are prepared ahead") {
  const pictures set;
  decoded_cache seen(1 << 20); // counts what was decoded
  auto options = training(4);
  options.batch = 1;
  options.queue = 3;
  options.cache = &seen;
  batches epoch(set.files, options);
  for (std::size_t given = 0; auto got = epoch.next();) {
    ++given;
    CHECK(seen.size() <= given + 3);
  }
  CHECK(seen.size() == 21);
}

TEST_CASE("an epoch may be left at any time") {
  const pictures set;
  for (std::size_t taken = 0; taken < 6; ++taken) {
    batches epoch(set.files, training(3));
    for (std::size_t i = 0; i < taken; ++i) CHECK(epoch.next().has_value());
  }
}

TEST_CASE("a balanced epoch has the same bits for any threads and from any batch, and varies what comes twice") {
  const pictures set;
  auto files = set.files;
  for (auto& each : files) each.label = 0;
  files.back().label = 1; // alone, so that it comes 11 or 12 times
  auto options = training(1);
  options.order = epoch_order::balanced;
  const auto whole = all_of(files, options);
  options.threads = 3;
  CHECK(equal(all_of(files, options), whole));
  options.first_batch = 2;
  CHECK(equal(all_of(files, options), {whole.begin() + 2, whole.end()}));
  std::set<std::vector<float>> variations;
  std::size_t count = 0;
  for (const auto& each : whole)
    for (std::size_t i = 0; i < each.n; ++i) {
      CHECK(each.labels[i] == files[each.items[i]].label);
      if (each.labels[i] == 0) continue;
      ++count;
      const auto begin = each.pixels.begin() + static_cast<std::ptrdiff_t>(i * 16 * 16 * 3);
      variations.emplace(begin, begin + 16 * 16 * 3);
    }
  CHECK_UNARY(count == 11 || count == 12);
  CHECK(variations.size() == count);
}

TEST_CASE("a shuffled epoch needs a whole batch, a listed one takes what there is") {
  const pictures set;
  auto options = training(1);
  options.batch = 24;
  const auto failure = test::failure_of([&] { batches(set.files, options); }).value();
  CHECK(failure.code() == eucv::errc::batch_too_large);
  CHECK(std::string(failure.what()) == "make batches, batches of 24 pictures: there are only 23 pictures; choose a "
                                       "batch of at most that many, or add pictures");
  options.order = epoch_order::listed;
  CHECK(all_of(set.files, options).size() == 1);
  CHECK(all_of({}, {.batch = 4}).empty());
  CHECK(batch_count(0, 4) == 0);
  CHECK(batch_count(8, 4) == 2);
  CHECK(batch_count(9, 4) == 3);
}

TEST_CASE("sizes of nothing are refused") {
  const pictures set;
  for (const auto& options : {batch_options{.size = 0}, {.batch = 0}, {.scale = {.deviation = {1, 1, 0}}}})
    CHECK(test::code_of([&] { batches(set.files, options); }) == eucv::errc::invalid_argument);
}
