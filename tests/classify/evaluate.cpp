#include <eucv/classify/evaluate.hpp>

#include <eucv/classify/train.hpp>
#include <eucv/core/file.hpp>

#include <doctest/doctest.h>

#include <fstream>

#include "support/code_of.hpp"
#include "support/picture_folder.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv;

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
      classify::evaluate_classifier(made.model, folder / "others", {.batch = 3, .progress = [&](const progress& now) {
                                                                      CHECK(now.total == 11);
                                                                      CHECK(now.done == ++told);
                                                                    }});
  CHECK(told == 11);
  CHECK(judged.figures.n == 10);
  CHECK(judged.predictions.size() == 10);
  CHECK(judged.figures.labels == std::vector<std::string>{"map", "painting", "unknown_to_all"});
  CHECK(judged.figures.per_class[0].support == 0);
  CHECK(judged.figures.per_class[1].support == 5);
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
  CHECK(test::code_of([&] { (void)classify::evaluate_classifier(made.model, folder / "others"); }) ==
        errc::unknown_label);
  std::stop_source stop;
  stop.request_stop();
  CHECK(test::code_of([&] {
          (void)classify::evaluate_classifier(made.model, folder / "images", {.stop = stop.get_token()});
        }) == errc::interrupted);
}
