#include <eucv/classify/explain.hpp>

#include <support/code_of.hpp>
#include <support/picture_folder.hpp>
#include <support/temporary_folder.hpp>

#include <eucv/classify/train.hpp>
#include <eucv/core/file.hpp>
#include <eucv/image/resize.hpp>

#include <doctest/doctest.h>

#include <string>

TEST_CASE("a label of a picture is explained, and the model is left as it was") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 8);
  eucv::classify::train_options how;
  how.size = 32;
  how.epochs = 2;
  how.batch = 8;
  auto model = eucv::classify::train_classifier(folder / "images", folder / "model", how).model;
  const auto weights = eucv::read_file(folder / "model" / "weights.safetensors");
  auto picture = test::coloured_picture(1, 99);
  picture = eucv::image::resize(picture, 60, 40);
  const auto ranked = model.predict(picture);
  const auto first = eucv::classify::explain_picture(model, picture);
  CHECK(first.label.label == ranked.front().label);
  CHECK(first.label.probability == ranked.front().probability);
  CHECK(first.layer == "block4.2");
  CHECK(first.map.height == 4);
  CHECK(first.seen == eucv::image::rectangle{10, 0, 40, 40});
  const auto last = eucv::classify::explain_picture(
      model, picture,
      {.label = ranked.back().label, .layer = "block2", .method = eucv::explain::method::grad_cam_plus_plus});
  CHECK(last.label.label == ranked.back().label);
  CHECK(last.layer == "block2");
  CHECK(last.map.height == 8);
  CHECK(eucv::classify::explain_picture(model, picture).map.values == first.map.values);
  model.save(folder / "model");
  CHECK(eucv::read_file(folder / "model" / "weights.safetensors") == weights);

  const auto unknown = test::failure_of(
      [&] { static_cast<void>(eucv::classify::explain_picture(model, picture, {.label = "castle"})); });
  REQUIRE(unknown);
  CHECK(unknown->code() == eucv::errc::unknown_label);
  CHECK(std::string(unknown->what()).find("map, painting, unknown_to_all") != std::string::npos);
  CHECK(test::code_of([&] { static_cast<void>(eucv::classify::explain_picture(model, picture, {.layer = "head"})); }) ==
        eucv::errc::not_found);
  CHECK(eucv::classify::explainable_layers(model).back() == "block4");
}
