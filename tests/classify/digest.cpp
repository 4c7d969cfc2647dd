#include <eucv/classify/digest.hpp>

#include <doctest/doctest.h>

#include "support/temporary_folder.hpp"

#include <string>

using namespace eucv;

TEST_CASE("the digest of a model is what a shell computes, and each of its files changes it") {
  const test::temporary_folder folder;
  write_file_atomically(folder / "model.json", "{}\n");
  write_file_atomically(folder / "weights.safetensors", std::string(100'000, 'w'));
  // sha256sum model.json weights.safetensors | sha256sum
  CHECK(classify::model_digest(folder.path()) == "ca081ee289ac04389994a65610a8402765c4b531afd40fde60a64da48857d03b");
  write_file_atomically(folder / "model.json", "{ }\n");
  const auto other_text = classify::model_digest(folder.path());
  write_file_atomically(folder / "weights.safetensors", std::string(100'000, 'W'));
  CHECK(other_text != "ca081ee289ac04389994a65610a8402765c4b531afd40fde60a64da48857d03b");
  CHECK(classify::model_digest(folder.path()) != other_text);
}

TEST_CASE("a folder that lacks a file has no digest") {
  const test::temporary_folder folder;
  CHECK_THROWS_AS(classify::model_digest(folder.path()), error);
}
