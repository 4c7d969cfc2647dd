#include <eucv/report/shown_pictures.hpp>

#include <support/picture_folder.hpp>
#include <support/temporary_folder.hpp>
#include <support/tiny_model.hpp>

#include <eucv/core/file.hpp>
#include <eucv/image/gate.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace eucv;

TEST_CASE("the surest errors are chosen, and of each class the surest hit") {
  judge::predictions set;
  set.labels = {"a", "b"};
  for (const auto& [label, a] : {std::pair(0U, 0.9), {0U, 0.7}, {0U, 0.4}, {1U, 0.6}, {1U, 0.8}, {0U, 0.95}}) {
    set.add_truth(label);
    set.scores.insert(set.scores.end(), {a, 1 - a});
  }
  const auto chosen = report::choose_items(set);
  CHECK(chosen.wrong == std::vector<std::size_t>{4, 2, 3}); // of 0.8, 0.6 and 0.6
  CHECK(chosen.right == std::vector<std::size_t>{5});       // nothing of b is right
  CHECK(report::choose_items(set, 1).wrong == std::vector<std::size_t>{4});
}

TEST_CASE("with several labels an error is as sure as its surest wrong answer, and a hit has all labels right") {
  judge::predictions set;
  set.task = &judge::multi_label;
  set.labels = {"a", "b", "c"};
  set.truth = {1, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0};
  set.scores = {0.9, 0.6,  0.1,   // b is wrong, by 0.1
                0.8, 0.7,  0.1,   // right
                0.1, 0.05, 0.1,   // b is missed, by 0.45
                0.7, 0.2,  0.49}; // right, but a less sure
  const auto chosen = report::choose_items(set);
  CHECK(chosen.wrong == std::vector<std::size_t>{2, 0});
  CHECK(chosen.right == std::vector<std::size_t>{1}); // once, though it is the surest of two labels
}

TEST_CASE("thumbnails are as small as is asked for, and no larger than the picture") {
  image::bitmap wide{300, 60, std::vector<std::uint8_t>(300 * 60 * 3)};
  const auto size_of = [](const std::string& jpeg) {
    const auto found = image::inspect(jpeg);
    REQUIRE(found);
    return std::pair(found->width, found->height);
  };
  CHECK(size_of(report::thumbnail(wide, 100)) == std::pair<std::size_t, std::size_t>(100, 20));
  CHECK(size_of(report::thumbnail(wide, 400)) == std::pair<std::size_t, std::size_t>(300, 60));
}

TEST_CASE("chosen pictures are shown with maps of the given and the predicted label, with credit") {
  auto model = classify::classifier::load(test::tiny_model());
  const auto images = test::tiny_model().parent_path() / "images";
  judge::predictions set;
  set.labels = {"map", "painting", "unknown_to_all"};
  set.files = {"map/0.png", "painting/1.png", "painting/gone.png"};
  for (const std::size_t label : {0U, 1U, 1U}) set.add_truth(label);
  set.scores = {0.7, 0.2, 0.1, 0.6, 0.3, 0.1, 0.9, 0.1, 0};
  const auto made = report::show_pictures(model, set,
                                          {.images = images,
                                           .records = {{.file = "painting/1.png",
                                                        .rights = "CC0",
                                                        .title = "A view",
                                                        .creator = "Somebody",
                                                        .landing_page = "https://museum.example/1"}},
                                           .longest = 30});
  CHECK(made.layer == "block4.2");
  REQUIRE(made.wrong.size() == 1); // the other one is gone
  const auto& wrong = made.wrong[0];
  CHECK(wrong.file == "painting/1.png");
  CHECK(wrong.credit == "A view, by Somebody, CC0");
  CHECK(wrong.address == "https://museum.example/1");
  REQUIRE(wrong.labels.size() == 2);
  CHECK(wrong.labels[0].label == "map");
  CHECK(wrong.labels[0].predicted);
  CHECK_FALSE(wrong.labels[0].given);
  CHECK(wrong.labels[1].label == "painting");
  CHECK(wrong.labels[1].given);
  REQUIRE(wrong.maps.size() == 2);
  CHECK(wrong.maps[1].first == "painting");
  CHECK(image::inspect(wrong.maps[1].second)->width <= 30);
  REQUIRE(made.right.size() == 1);
  CHECK(made.right[0].maps.size() == 1);
  CHECK(made.right[0].credit.empty());
}

TEST_CASE("of many labels the surest error and the surest hit get a map") {
  auto model = classify::classifier::load(test::tiny_model());
  judge::predictions set;
  set.task = &judge::multi_label;
  set.labels = {"map", "painting", "unknown_to_all"};
  set.files = {"map/0.png"};
  set.truth = {1, 1, 0};
  set.scores = {0.8, 0.2, 0.6};
  const auto made = report::show_pictures(model, set, {.images = test::tiny_model().parent_path() / "images"});
  REQUIRE(made.wrong.size() == 1);
  CHECK(made.wrong[0].labels.size() == 3);
  REQUIRE(made.wrong[0].maps.size() == 2);
  CHECK(made.wrong[0].maps[0].first == "painting");
  CHECK(made.wrong[0].maps[1].first == "map");
}
