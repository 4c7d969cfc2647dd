#include <eucv/nn/safetensors.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv;

namespace {

nn::tensor_file example_file() {
  return {"test",
          {{"conv.weight", {2, 1, 1, 3}, {1, -2, 3.5F, 0, 1e-30F, 6}},
           {"bias \"\\\n\u00e4", {2}, {0.25F, -1}},
           {"none", {0}, {}},
           {"one", {}, {7}}},
          {{"step", "12"}, {"note", "tab\tand \u00fc"}},
          false};
}

std::string stored(const std::string& type, std::string_view data, const std::string& shape = "[2]") {
  const std::string header = R"({"x":{"dtype":")" + type + R"(","shape":)" + shape + R"(,"data_offsets":[0,)" +
                             std::to_string(data.size()) + "]}}";
  const std::uint64_t size = header.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &size, 8);
  return bytes + header + std::string(data);
}

template <class Stored>
std::vector<float> read(const std::string& type, std::vector<Stored> values) {
  const std::string_view data(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Stored));
  return nn::parse_safetensors(stored(type, data, "[" + std::to_string(values.size()) + "]"), "test").arrays[0].values;
}

} // namespace

TEST_CASE("what is written is read back") {
  const test::temporary_folder folder;
  const auto path = folder / "w.safetensors";
  nn::write_safetensors(path, example_file());
  const auto back = nn::read_safetensors(path);
  CHECK(back.arrays == example_file().arrays);
  CHECK(back.metadata == example_file().metadata);
  CHECK(back.source == path.string());
  CHECK(back.checked);
  // The same content gives the same bytes, and the data begins at a multiple of 8.
  CHECK(nn::safetensors_bytes(back) == read_file(path));
  std::uint64_t size = 0;
  std::memcpy(&size, read_file(path).data(), 8);
  CHECK(size % 8 == 0);
}

TEST_CASE("each type becomes float") {
  CHECK(read<double>("F64", {1.5, -2}) == std::vector<float>{1.5F, -2});
  CHECK(read<std::int64_t>("I64", {-3, 1000}) == std::vector<float>{-3, 1000});
  CHECK(read<std::uint16_t>("BF16", {0x3fc0, 0xc000}) == std::vector<float>{1.5F, -2});
  CHECK(read<std::uint16_t>("F16", {0x3e00, 0xc000, 0x0001, 0x7bff, 0x0400, 0x8000}) ==
        std::vector<float>{1.5F, -2, 0x1p-24F, 65504, 0x1p-14F, -0.0F});
}

TEST_CASE("values that are not finite are refused, by name") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const auto& failure : {test::failure_of([&] {
                                read<float>("F32", {1, nan});
                              }),
                              test::failure_of([&] {
                                read<float>("F32", {1, -INFINITY});
                              }),
                              test::failure_of([] { read<double>("F64", {1e300}); }),
                              test::failure_of([] { read<std::uint16_t>("F16", {0x7c00}); })}) {
    REQUIRE(failure);
    CHECK(failure->code() == errc::non_finite);
    CHECK(failure->text().why.find("\"x\"") != std::string::npos);
  }
}

TEST_CASE("a single flipped bit anywhere in a file of ours is noticed") {
  const std::string sound = nn::safetensors_bytes(example_file());
  std::size_t unnoticed = 0;
  for (std::size_t bit = 0; bit < sound.size() * 8; ++bit) {
    std::string bytes = sound;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    try {
      // A flip in the key of the checksum itself leaves a file without one; its content is whole.
      const auto read = nn::parse_safetensors(bytes, "test");
      if (read.arrays != example_file().arrays || !read.metadata.contains("step")) ++unnoticed;
    } catch (const error&) {
    }
  }
  CHECK(unnoticed == 0);
}

TEST_CASE("a tensor is asked for by name and shape, and the message names both shapes") {
  const auto content = example_file();
  const std::size_t right[] = {2, 1, 1, 3}, wrong[] = {4, 1, 1, 3};
  CHECK(content.at("conv.weight", right).values[2] == 3.5F);
  CHECK(test::code_of([&] { (void)content.at("absent", right); }) == errc::missing_tensor);
  const auto failure = test::failure_of([&] { (void)content.at("conv.weight", wrong); });
  REQUIRE(failure);
  CHECK(failure->code() == errc::shape_mismatch);
  CHECK(std::string(failure->what()).find("[2, 1, 1, 3]") != std::string::npos);
  CHECK(std::string(failure->what()).find("[4, 1, 1, 3]") != std::string::npos);
  CHECK(std::string(failure->what()).find("conv.weight") != std::string::npos);
}

TEST_CASE("what cannot be read back is not written") {
  CHECK(test::code_of([] {
          (void)nn::safetensors_bytes({.source = "t", .arrays = {{"a", {2}, {1}}}});
        }) == errc::invalid_argument);
  CHECK(test::code_of([] {
          (void)nn::safetensors_bytes({.source = "t", .arrays = {{"a", {1}, {1}}, {"a", {1}, {1}}}});
        }) == errc::invalid_argument);
  CHECK(test::code_of([] {
          (void)nn::safetensors_bytes({.source = "t", .arrays = {{"__metadata__", {1}, {1}}}});
        }) == errc::invalid_argument);
}
