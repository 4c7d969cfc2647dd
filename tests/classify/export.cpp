#include <eucv/classify/export.hpp>

#include <eucv/classify/train.hpp>
#include <eucv/core/file.hpp>

#include <doctest/doctest.h>

#include <map>

#include "support/code_of.hpp"
#include "support/picture_folder.hpp"
#include "support/protobuf_reader.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv;

TEST_CASE("a model's folder becomes an ONNX file that says what goes in and out") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 4);
  classify::train_options options;
  options.size = 32;
  options.epochs = 1;
  options.batch = 4;
  options.validation = 0.25;
  (void)classify::train_classifier(folder / "images", folder / "model", options);
  classify::export_onnx(folder / "model", folder / "model.onnx");
  const std::string file = read_file(folder / "model.onnx");
  std::map<std::string, std::string> metadata;
  for (const auto& entry : test::texts_of(file, 14))
    metadata[test::texts_of(entry, 1).at(0)] = test::texts_of(entry, 2).at(0);
  CHECK(metadata.at("architecture") == "small");
  CHECK(metadata.at("labels") == "[\"map\", \"painting\", \"unknown_to_all\"]");
  CHECK(metadata.at("size") == "32");
  CHECK(metadata.at("std") == "0.229 0.224 0.225");
  const auto graph = test::texts_of(file, 7).at(0);
  CHECK(test::texts_of(test::texts_of(graph, 11).at(0), 1).at(0) == "images");
  CHECK(test::texts_of(test::texts_of(graph, 12).at(0), 1).at(0) == "logits");
  CHECK(test::texts_of(graph, 1).size() == 4 * 4 + 4); // four blocks; pooling, flattening, dense layer, name
  CHECK(test::code_of([&] { classify::export_onnx(folder / "absent", folder / "x.onnx"); }) == errc::not_found);
}
