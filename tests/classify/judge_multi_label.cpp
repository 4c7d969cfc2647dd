#include <eucv/classify/judge_multi_label.hpp>

#include <eucv/classify/decide.hpp>
#include <eucv/classify/judge.hpp>
#include <eucv/classify/train.hpp>
#include <eucv/dataset/label_sets.hpp>

#include <doctest/doctest.h>

#include <set>

#include "support/code_of.hpp"
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

TEST_CASE("a model learns several shapes of a picture, and says each by itself") {
  auto& here = shapes();
  const auto& figures = here.made.multi_label_figures;
  CHECK(figures.mean_average_precision > 0.85);
  CHECK(figures.macro.f1 > 0.75);
  CHECK(here.made.model.about().mode == classify::label_mode::multi_label);
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

TEST_CASE("pictures are judged under the labels of the model; a label that it has not counts nowhere") {
  auto& here = shapes();
  auto& model = here.made.model;
  const auto judged = classify::evaluate_multi_label(model, here.folder / "images");
  CHECK(judged.predictions.size() == 140);
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
  const auto other = classify::evaluate_multi_label(model, here.folder / "other");
  CHECK(other.unknown_labels == std::vector<std::string>{"star"});
  CHECK(other.predictions.size() == 7);
  for (const char* name : {"bars", "ring", "bars disc", "bars ring", "disc ring", "bars disc ring", "disc star"})
    std::filesystem::remove_all(here.folder / "other" / name);
  make_folder(here.folder / "other" / "star");
  write_file_atomically(here.folder / "other" / "star" / "1.png", image::encode_png(test::picture_of_shapes(1, 1)));
  CHECK(test::code_of([&] { (void)classify::evaluate_multi_label(model, here.folder / "other"); }) ==
        errc::unknown_label);
}

TEST_CASE("models with one label and with several are not mistaken for each other") {
  auto& here = shapes();
  thread_pool pool(1);
  const auto set = dataset::read_multi_label_set(here.folder / "images", pool);
  CHECK(test::code_of([&] { (void)classify::judge_pictures(here.made.model, set.pictures, set.folder); }) ==
        errc::invalid_argument);
  const auto plain = dataset::read_image_folder(here.folder / "images");
  CHECK(plain.labels.size() == 7);
  auto single =
      classify::train_classifier(here.folder / "images", here.folder / "single", {.size = 16, .epochs = 1}).model;
  CHECK(test::code_of([&] { (void)classify::judge_multi_label(single, plain, set.folder); }) == errc::invalid_argument);
}
