#include <eucv/nn/detail/safetensors_header.hpp>

#include <doctest/doctest.h>

#include "support/code_of.hpp"

namespace {

// A file with that header and so many bytes of data.
std::string file_of(const std::string& header, std::size_t data = 0) {
  const std::uint64_t size = header.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &size, 8);
  return bytes + header + std::string(data, '\0');
}

std::string sized(std::uint64_t size, const std::string& rest) {
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &size, 8);
  return bytes + rest;
}

std::string entry(const std::string& shape, const std::string& offsets, const std::string& type = "F32") {
  return R"({"dtype":")" + type + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
}

eucv::nn::detail::safetensors_header parse(const std::string& bytes) {
  return eucv::nn::detail::parse_safetensors_header(bytes, "test.safetensors");
}

} // namespace

TEST_CASE("sound headers, in any order of keys and with any blanks") {
  const auto header = parse(file_of(" {\"b\" : " + entry("[ 1 , 2 ]", "[4, 12]") + ",\n\"a\\u00e4\\ud83d\\ude00\":" +
                                        R"({"data_offsets":[0,4],"shape":[],"dtype":"F32"},"empty":)" +
                                        entry("[0,3]", "[12,12]") + R"(,"__metadata__":{"k":"v\"\\\n","empty":""}}   )",
                                    12)
                                .replace(8, 1, "{")
                                .replace(9, 1, " "));
  REQUIRE(header.entries.size() == 3);
  CHECK(header.entries[0].name == "a\u00e4\U0001F600");
  CHECK(header.entries[0].extents.empty());
  CHECK(header.entries[1].name == "b");
  CHECK(header.entries[1].extents == std::vector<std::size_t>{1, 2});
  CHECK(header.entries[2].extents == std::vector<std::size_t>{0, 3});
  CHECK(header.metadata.at("k") == "v\"\\\n");
  CHECK(parse(file_of("{}")).entries.empty());
}

TEST_CASE("each broken header is refused with the name of the file") {
  const std::string four = entry("[1]", "[0,4]");
  const std::string bad[] = {
      "",
      std::string(7, '\0'),
      sized(0, ""),
      sized(0, "{}"),
      sized(1, "{}"),
      sized(3, "{}"),
      sized(std::uint64_t{1} << 63, "{}"),
      sized(~std::uint64_t{0}, "{}"),
      sized(100'000'001, std::string(100, ' ')),
      file_of("[]"),
      file_of(" {}"),
      file_of("{}}"),
      file_of(std::string("{}\0", 3)),
      file_of("{"),
      file_of("{\"a\":" + four, 4),
      file_of("{\"a\":" + four + ",}", 4),
      file_of("{\"a\":1}"),
      file_of("{\"a\":{}}"),
      file_of("{\"a\":" + four + ",\"a\":" + entry("[1]", "[4,8]") + "}", 8),
      file_of("{\"a\":" + four + ",\"\\u0061\":" + entry("[1]", "[4,8]") + "}", 8),
      file_of(R"({"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4),
      file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}})", 4),
      file_of(R"({"a":{"dtype":"F32","shape":[1]}})", 4),
      file_of("{\"a\":" + entry("[4294967296,4294967296]", "[0,0]") + "}"),
      file_of("{\"a\":" + entry("[4294967296,4294967296,0]", "[0,0]") + "}"),
      file_of("{\"a\":" + entry("[0,4294967296,4294967296]", "[0,0]") + "}"),
      file_of("{\"a\":" + entry("[4611686018427387905]", "[0,4]") + "}", 4),
      file_of("{\"a\":" + entry("[18446744073709551616]", "[0,0]") + "}"),
      file_of("{\"a\":" + entry("[-1]", "[0,4]") + "}", 4),
      file_of("{\"a\":" + entry("[1.0]", "[0,4]") + "}", 4),
      file_of("{\"a\":" + entry("[1e0]", "[0,4]") + "}", 4),
      file_of("{\"a\":" + entry("[01]", "[0,4]") + "}", 4),
      file_of("{\"a\":" + entry("[NaN]", "[0,4]") + "}", 4),
      file_of("{\"a\":" + entry("[1]", "[4,0]") + "}", 4),
      file_of("{\"a\":" + entry("[1]", "[0,4,8]") + "}", 8),
      file_of("{\"a\":" + entry("[1]", "[0,4]", "F64") + "}", 4),
      file_of("{\"a\":" + entry("[1]", "[0,1]", "BOOL") + "}", 1),
      file_of("{\"a\":" + entry("[1]", "[4,8]") + "}", 8),
      file_of("{\"a\":" + four + ",\"b\":" + entry("[1]", "[8,12]") + "}", 12),
      file_of("{\"a\":" + entry("[2]", "[0,8]") + ",\"b\":" + entry("[2]", "[4,12]") + "}", 12),
      file_of("{\"a\":" + four + ",\"b\":" + four + "}", 4),
      file_of("{\"a\":" + four + "}", 3),
      file_of("{\"a\":" + four + "}", 5),
      file_of("{\"a\xff\":" + four + "}", 4),
      file_of("{\"a\xc0\x80\":" + four + "}", 4),
      file_of("{\"a\xed\xa0\x80\":" + four + "}", 4),
      file_of("{\"a\n\":" + four + "}", 4),
      file_of("{\"\\ud800\":" + four + "}", 4),
      file_of("{\"\\u0000\":" + four + "}", 4),
      file_of("{\"\\x\":" + four + "}", 4),
      file_of("{\"\\u00"),
      file_of("{\"a\\"),
      file_of(R"({"__metadata__":{"a":1}})"),
      file_of(R"({"__metadata__":{"a":null}})"),
      file_of(R"({"__metadata__":[]})"),
      file_of(R"({"__metadata__":{"a":"1","a":"2"}})"),
      file_of(R"({"__metadata__":{},"__metadata__":{}})"),
  };
  for (const auto& bytes : bad) {
    CAPTURE(bytes.substr(0, 100));
    const auto failure = test::failure_of([&] { (void)parse(bytes); });
    REQUIRE(failure);
    CHECK(failure->code() == eucv::errc::bad_format);
    CHECK(failure->text().on == "test.safetensors");
  }
  CHECK(std::size(bad) >= 40);
}

TEST_CASE("a file cut at any byte is refused") {
  const std::string whole = file_of("{\"a\":" + entry("[2]", "[0,8]") + "}", 8);
  (void)parse(whole);
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK(test::failure_of([&] { (void)parse(whole.substr(0, size)); }).has_value());
}
