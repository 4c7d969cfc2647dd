#include <eucv/train/checkpoint.hpp>

#include <doctest/doctest.h>

#include <fstream>
#include <set>

#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv;

namespace {

nn::tensor_file content(float value) {
  return {.source = "state", .arrays = {{"w", {2}, {value, -value}}}};
}

std::set<std::string> file_names(const std::filesystem::path& folder) {
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) found.insert(entry.path().filename().string());
  return found;
}

void flip_bit(const std::filesystem::path& path, std::size_t bit) {
  std::string bytes = read_file(path);
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  std::ofstream(path, std::ios::binary) << bytes;
}

} // namespace

TEST_CASE("two states are kept, each with its best weights") {
  const test::temporary_folder folder;
  train::checkpoint_folder checkpoints(folder / "checkpoint");
  CHECK_FALSE(checkpoints.load().which);
  checkpoints.save({9, 0}, content(9));
  checkpoints.save_best(1, content(100));
  checkpoints.save({10, 1}, content(10));
  CHECK(file_names(checkpoints.path()) ==
        std::set<std::string>{"9-0.safetensors", "10-1.safetensors", "best-1.safetensors"});
  checkpoints.save_best(2, content(200));
  checkpoints.save({20, 2}, content(20));
  checkpoints.save({30, 2}, content(30));
  CHECK(file_names(checkpoints.path()) ==
        std::set<std::string>{"20-2.safetensors", "30-2.safetensors", "best-2.safetensors"});
  const auto found = checkpoints.load();
  REQUIRE(found.which);
  CHECK(found.which->step == 30);
  CHECK(found.state.arrays[0].values[0] == 30);
  CHECK(found.best.arrays[0].values[0] == 200);
  CHECK(found.messages.empty());
  checkpoints.clear();
  CHECK_FALSE(std::filesystem::exists(checkpoints.path()));
}

TEST_CASE("a damaged state, and one whose best weights are damaged, is passed over with a message") {
  const test::temporary_folder folder;
  train::checkpoint_folder checkpoints(folder.path());
  checkpoints.save_best(1, content(100));
  checkpoints.save({10, 1}, content(10));
  checkpoints.save_best(2, content(200));
  checkpoints.save({20, 2}, content(20));
  for (const char* damaged : {"20-2.safetensors", "best-2.safetensors"}) {
    const std::string sound = read_file(folder / damaged);
    for (std::size_t bit = 0; bit < sound.size() * 8; bit += 7) {
      flip_bit(folder / damaged, bit);
      const auto found = checkpoints.load();
      REQUIRE(found.which);
      CHECK(found.which->step == 10);
      CHECK(found.best.arrays[0].values[0] == 100);
      REQUIRE(found.messages.size() == 1);
      CHECK(found.messages[0].find(damaged) != std::string::npos);
      std::ofstream(folder / damaged, std::ios::binary) << sound;
    }
    std::filesystem::resize_file(folder / damaged, sound.size() / 2);
    CHECK(checkpoints.load().which->step == 10);
    std::filesystem::remove(folder / damaged);
    CHECK(checkpoints.load().which->step == 10);
    std::ofstream(folder / damaged, std::ios::binary) << sound;
  }
  CHECK(checkpoints.load().which->step == 20);
}

TEST_CASE("what is no checkpoint is neither read nor removed") {
  const test::temporary_folder folder;
  for (const char* name : {"10.safetensors", "x-1.safetensors", "best-x.safetensors", "7-0.safetensors.part", "notes"})
    std::ofstream(folder / name) << "x";
  train::checkpoint_folder checkpoints(folder.path());
  CHECK_FALSE(checkpoints.load().which);
  checkpoints.save({1, 0}, content(1));
  CHECK(file_names(folder.path()).size() == 6);
}

TEST_CASE("a state that cannot be written leaves the one before") {
  const test::temporary_folder folder;
  train::checkpoint_folder checkpoints(folder.path());
  checkpoints.save({1, 0}, content(1));
  auto broken = content(2);
  broken.arrays[0].extents = {3};
  CHECK(test::code_of([&] { checkpoints.save({2, 0}, broken); }) == errc::invalid_argument);
  CHECK(checkpoints.load().which->step == 1);
}
