#include <eucv/classify/judge.hpp>

#include <eucv/classify/decide.hpp>
#include <eucv/classify/train.hpp>
#include <eucv/core/file.hpp>
#include <eucv/dataset/folder.hpp>
#include <eucv/dataset/label_sets.hpp>
#include <eucv/dataset/shards.hpp>
#include <eucv/judge/figures.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "support/code_of.hpp"
#include "support/picture_folder.hpp"
#include "support/shape_folder.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv;

namespace {

// A model of shapes, trained once for all cases that only use it.
struct trained_on_shapes {
  test::temporary_folder folder;
  classify::trained made;
  trained_on_shapes() : made(train()) {}

  classify::trained train() {
    test::write_shape_folder(folder / "images", 20);
    test::write_shape_folder(folder / "other", 1);
    thread_pool pool(0);
    return classify::train_classifier(
        dataset::read_multi_label_set(folder / "images", pool), folder / "model",
        {.size = 32, .epochs = 16, .batch = 14, .vocabulary = {{"disc", "http://example.org/disc", ""}}});
  }
};
trained_on_shapes& shapes() {
  static trained_on_shapes once;
  return once;
}

} // namespace

TEST_CASE("pictures in shards are judged as those in files are, to the bit") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 8);
  classify::train_options options;
  options.size = 24;
  options.epochs = 1;
  options.batch = 8;
  auto made = classify::train_classifier(folder / "images", folder / "model", options);
  const auto files = dataset::read_image_folder(folder / "images");
  (void)dataset::write_shards(files, folder / "shards", {.per_shard = 10});
  const auto one = classify::judge_pictures(made.model, files, folder / "images", {.batch = 6});
  const auto two = classify::judge_pictures(made.model, dataset::read_image_folder(folder / "shards"),
                                            folder / "shards", {.batch = 6});
  CHECK(one.predictions.files.front() == "map/0.png");
  CHECK(one.predictions.size() == 24);
  CHECK(one.items.back() == 23);
  std::vector<double> first = one.predictions.scores, second = two.predictions.scores;
  std::sort(first.begin(), first.end());
  std::sort(second.begin(), second.end());
  CHECK(first == second);
}

TEST_CASE("each picture that can be read counts once, under the model's labels") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 8);
  classify::train_options options;
  options.size = 32;
  options.epochs = 2;
  options.batch = 8;
  auto made = classify::train_classifier(folder / "images", folder / "model", options);

  test::write_picture_folder(folder / "others", 5);
  std::filesystem::remove_all(folder / "others" / "map"); // a class that has no pictures here keeps its row
  std::ofstream(folder / "others" / "painting" / "page.png") << "<html>";
  std::uint64_t told = 0;
  const auto judged =
      classify::judge_folder(made.model, folder / "others", {.batch = 3, .progress = [&](const progress& now) {
                                                               CHECK(now.total == 11);
                                                               CHECK(now.done == ++told);
                                                             }});
  CHECK(told == 11);
  const auto figures = judge::metrics_of(judged.predictions);
  CHECK(figures.n == 10);
  CHECK(judged.predictions.size() == 10);
  CHECK(judged.predictions.task == &judge::single_label);
  CHECK(figures.labels == std::vector<std::string>{"map", "painting", "unknown_to_all"});
  CHECK(figures.per_class[0].support == 0);
  CHECK(figures.per_class[1].support == 5);
  REQUIRE(judged.unreadable.size() == 1);
  CHECK(judged.unreadable[0].file.filename() == "page.png");
  CHECK(judged.unreadable[0].reason == "not_an_image");
  const auto& all = judged.predictions;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::vector<std::filesystem::path> file{folder / "others" / all.files[i]};
    const auto guess = made.model.predict_files(file, {.top = 1});
    CHECK(guess[0].ranked->front().label == all.labels[all.predicted(i)]);
    CHECK(guess[0].ranked->front().probability == doctest::Approx(all.row(i)[all.predicted(i)]).epsilon(1e-5));
  }

  make_folder(folder / "others" / "zoo");
  std::filesystem::copy(folder / "others" / "painting" / "0.png", folder / "others" / "zoo" / "0.png");
  CHECK(test::code_of([&] { (void)classify::judge_folder(made.model, folder / "others"); }) == errc::unknown_label);
  std::stop_source stop;
  stop.request_stop();
  CHECK(test::code_of([&] {
          (void)classify::judge_folder(made.model, folder / "images", {.stop = stop.get_token()});
        }) == errc::interrupted);
}

TEST_CASE("a model learns several shapes of a picture, and says each by itself") {
  auto& here = shapes();
  const auto& figures = here.made.figures;
  CHECK(figures.mean_average_precision > 0.85);
  CHECK(figures.macro.f1 > 0.75);
  CHECK(*here.made.model.about().task == judge::multi_label);
  CHECK(here.made.training + here.made.validation == 140);

  auto model = classify::classifier::load(here.folder / "model");
  std::size_t right = 0;
  for (unsigned shapes = 0; shapes < 8; ++shapes)
    for (std::size_t number = 100; number < 105; ++number) {
      const auto ranked = model.predict(test::picture_of_shapes(shapes, number));
      REQUIRE(ranked.size() == 3);
      CHECK(ranked[0].probability >= ranked[2].probability);
      std::set<std::string> said;
      for (const auto& each : classify::labels_to_show(model.about(), ranked)) said.insert(each.label);
      right += said == dataset::split_labels(test::shape_labels(shapes)) ? 1 : 0;
      for (const auto& each : ranked) CHECK((each.label == "disc") == !each.uri.empty());
    }
  CHECK(right >= 24); // of 40; chance would be 5
}

TEST_CASE(
    "pictures with several labels are judged under the labels of the model; a label that it has not counts nowhere") {
  auto& here = shapes();
  auto& model = here.made.model;
  const auto judged = classify::judge_folder(model, here.folder / "images");
  CHECK(judged.predictions.size() == 140);
  CHECK(judged.predictions.task == &judge::multi_label);
  CHECK(judged.items.size() == 140);
  CHECK(judged.predictions.labels == std::vector<std::string>{"bars", "disc", "ring"});
  std::size_t discs = 0;
  for (const auto& item : judged.predictions.of_label(1)) discs += item.positive ? 1 : 0;
  CHECK(discs == 80);
  const auto again = model.predict(test::picture_of_shapes(1, 3));
  for (std::size_t i = 0; i < 140; ++i)
    if (judged.predictions.files[i] == "disc/3.png")
      for (const auto& each : again)
        if (each.label == "disc") CHECK(each.probability == doctest::Approx(judged.predictions.of_label(1)[i].score));

  std::filesystem::rename(here.folder / "other" / "disc", here.folder / "other" / "disc star");
  const auto other = classify::judge_folder(model, here.folder / "other");
  CHECK(other.unknown_labels == std::vector<std::string>{"star"});
  CHECK(other.predictions.size() == 7);
  for (const char* name : {"bars", "ring", "bars disc", "bars ring", "disc ring", "bars disc ring", "disc star"})
    std::filesystem::remove_all(here.folder / "other" / name);
  make_folder(here.folder / "other" / "star");
  write_file_atomically(here.folder / "other" / "star" / "1.png", image::encode_png(test::picture_of_shapes(1, 1)));
  CHECK(test::code_of([&] { (void)classify::judge_folder(model, here.folder / "other"); }) == errc::unknown_label);
}

TEST_CASE(
    "a model with several labels judges pictures that have one each; a model with one refuses those with several") {
  auto& here = shapes();
  const auto plain = dataset::read_image_folder(here.folder / "images");
  CHECK(plain.labels.size() == 7); // a class for each folder
  const auto judged = classify::judge_pictures(here.made.model, plain, here.folder / "images");
  CHECK(judged.unknown_labels.size() == 4);
  CHECK(judged.predictions.size() == 140);
  std::size_t discs = 0;
  for (const auto& item : judged.predictions.of_label(1)) discs += item.positive ? 1 : 0;
  CHECK(discs == 20);

  thread_pool pool(1);
  const auto set = dataset::read_multi_label_set(here.folder / "images", pool);
  auto single =
      classify::train_classifier(here.folder / "images", here.folder / "single", {.size = 16, .epochs = 1}).model;
  CHECK(test::code_of([&] { (void)classify::judge_pictures(single, set.pictures, set.folder); }) ==
        errc::invalid_argument);
}
