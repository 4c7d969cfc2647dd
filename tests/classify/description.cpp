#include <eucv/classify/description.hpp>

#include <eucv/core/error.hpp>
#include <eucv/core/file.hpp>

#include <doctest/doctest.h>

#include <array>
#include <map>

#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv;

namespace {

classify::description example() {
  classify::description about;
  about.architecture = "small";
  about.labels = {{"map", "http://data.europeana.eu/concept/43"}, {"a \"b\"\n\u00e4", ""}};
  about.pictures.size = 64;
  about.pictures.mean = {0.1, 1.0 / 3, 0};
  about.provenance = {{"seed", "1"}, {"eucv", "0.1.0"}};
  return about;
}

// The text of the example with one passage replaced.
std::string altered(const std::string& from, const std::string& to) {
  std::string text = classify::to_json(example());
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

} // namespace

TEST_CASE("decisions survive the way through JSON, and such as do not fit the labels are refused") {
  classify::description about;
  about.architecture = "small";
  about.labels = {{"map", ""}, {"a \"b\"", ""}};
  CHECK(classify::to_json(about).find("calibration") == std::string::npos);
  about.decisions = {
      {.temperature = 1.25}, 0.95, 0.9, {{judge::verdict::automatic, 0.8125}, {judge::verdict::never, 0}}};
  const std::string text = classify::to_json(about);
  CHECK(classify::parse_description(text, "here") == about);
  const auto broken = [&](const std::string& part, const std::string& by) {
    std::string other = text;
    REQUIRE(other.find(part) != std::string::npos);
    other.replace(other.find(part), part.size(), by);
    return test::code_of([&] { (void)classify::parse_description(other, "here"); });
  };
  CHECK(broken("1.25", "0") == errc::bad_format);
  CHECK(broken("\"never\"", "\"perhaps\"") == errc::bad_format);
  CHECK(broken("\"map\", \"decision\"", "\"mop\", \"decision\"") == errc::bad_format);
  CHECK(broken(",\n    {\"label\": \"a \\\"b\\\"\", \"decision\": \"never\"}", "") == errc::bad_format);
}

TEST_CASE("a description is written and read back") {
  CHECK(classify::parse_description(classify::to_json(example()), "model.json") == example());
  const test::temporary_folder folder;
  write_file_atomically(folder / "model.json", classify::to_json(example()));
  CHECK(classify::read_description(folder.path()) == example());
}

TEST_CASE("the metadata of weights says how pictures are prepared") {
  using metadata = std::map<std::string, std::string>;
  const auto read = [](const metadata& said) { return classify::preprocessing_of(said, 96, "weights"); };
  CHECK(read({}) == classify::preprocessing{.size = 96});
  CHECK(read({{"format", "pt"}, {"input", "RGB"}}) == classify::preprocessing{.size = 96});
  // What a converted Caffe model says.
  const auto caffe = read({{"input", "RGB, 0..255, minus mean 123.68 116.779 103.939; 227x227; conv1 3x3 stride 2"}});
  CHECK(caffe.mean[0] == doctest::Approx(123.68 / 255));
  CHECK(caffe.mean[2] == doctest::Approx(103.939 / 255));
  CHECK(caffe.deviation == std::array<double, 3>{1.0 / 255, 1.0 / 255, 1.0 / 255});
  CHECK(read({{"mean", "0.5, 0.25 0.125"}, {"std", "[0.5, 1, 2]"}}) ==
        classify::preprocessing{96, {0.5, 0.25, 0.125}, {0.5, 1, 2}});
  CHECK(read({{"mean", classify::numbers_text(caffe.mean)}, {"std", classify::numbers_text(caffe.deviation)}}) ==
        caffe);
  for (const char* text : {"", "0.5 0.5", "a b c", "0.5 0.5 nan", "0.5 0.5 0"})
    CHECK(test::code_of([&] { (void)read({{"mean", "0 0 0"}, {"std", text}}); }) == errc::bad_format);
}

TEST_CASE("another format version, and a folder without model.json, have codes of their own") {
  CHECK(test::code_of([] {
          (void)classify::parse_description(altered("\"format_version\": 1", "\"format_version\": 3"), "m");
        }) == errc::wrong_version);
  const test::temporary_folder folder;
  const auto failure = test::failure_of([&] { (void)classify::read_description(folder.path()); });
  REQUIRE(failure);
  CHECK(failure->code() == errc::not_found);
  CHECK(failure->text().on.find("model.json") != std::string::npos);
}

TEST_CASE("what contradicts the format is refused") {
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"eucv classifier", "other"},
                                 {"\"architecture\"", "\"architektur\""},
                                 {"\"architecture\": \"small\"", "\"architecture\": 7"},
                                 {"\"label\": \"map\"", "\"name\": \"map\""},
                                 {"\"label\": \"map\"", "\"label\": null"},
                                 {"a \\\"b\\\"\\u000a\u00e4", "map"},
                                 {"\"size\": 64", "\"size\": 0"},
                                 {"\"size\": 64", "\"size\": 64.5"},
                                 {"\"size\": 64", "\"size\": 5000"},
                                 {"\"size\": 64", "\"size\": \"64\""},
                                 {"[0.1, ", "[0.1, 0, "},
                                 {"[0.1, ", "["},
                                 {"[0.229", "[0"},
                                 {"\"seed\": \"1\"", "\"seed\": 1"},
                                 {"\"provenance\": {", "\"provenance\": [{"},
                                 {"}\n", ""}}) {
    CAPTURE(from);
    CAPTURE(to);
    CHECK(test::code_of([&] { (void)classify::parse_description(altered(from, to), "m"); }) == errc::bad_format);
  }
  auto none = example();
  none.labels.clear();
  CHECK(test::code_of([&] { (void)classify::parse_description(classify::to_json(none), "m"); }) == errc::bad_format);
}
