#include <eucv/dataset/label_studio.hpp>

#include <eucv/core/json.hpp>

#include <doctest/doctest.h>

#include <map>

#include "support/code_of.hpp"

using namespace eucv;

TEST_CASE("tasks carry the picture, its label and what a model suggests") {
  const std::vector<dataset::labelling_task> tasks{
      {"map/1.jpg", "http://here/map/1.jpg", "map", {"a \"b\"", "toy"}, 0.75}, {"map/2.jpg", "/data/2.jpg", "map"}};
  const auto document = parse_json(dataset::label_studio_tasks(tasks), "tasks").as_array();
  REQUIRE(document.size() == 2);
  const auto& data = document[0].as_object().at("data").as_object();
  CHECK(data.at("image").as_string() == "http://here/map/1.jpg");
  CHECK(data.at("file").as_string() == "map/1.jpg");
  const auto& guess = document[0].as_object().at("predictions").as_array()[0].as_object();
  CHECK(guess.at("score").to_number<double>() == 0.75);
  const auto& result = guess.at("result").as_array()[0].as_object();
  CHECK(result.at("from_name").as_string() == "category");
  CHECK(result.at("value").as_object().at("choices").as_array()[0].as_string() == "a \"b\"");
  CHECK(result.at("value").as_object().at("choices").as_array()[1].as_string() == "toy");
  CHECK_FALSE(document[1].as_object().contains("predictions"));
}

TEST_CASE("the configuration offers each label once, as safe XML") {
  const std::vector<std::string> labels{"map", "a <\"&"};
  const auto config = dataset::label_studio_config(labels);
  CHECK(config.find("choice=\"single\"") != std::string::npos);
  CHECK(dataset::label_studio_config(labels, dataset::label_choice::multiple).find("choice=\"multiple\"") !=
        std::string::npos);
  CHECK(config.find("<Choice value=\"map\"/>") != std::string::npos);
  CHECK(config.find("<Choice value=\"a &lt;&quot;&amp;\"/>") != std::string::npos);
}

TEST_CASE("answers come back under the file's name: the last one, none that was cancelled") {
  const auto labels = dataset::parse_label_studio(R"([
    {"id": 1, "data": {"image": "x", "file": "map/1.jpg"}, "annotations": [
      {"was_cancelled": false, "result": [{"type": "choices", "from_name": "category", "value": {"choices": ["coin"]}}]},
      {"result": [{"type": "choices", "value": {"choices": ["toy"]}}, {"type": "textarea", "value": {"text": ["?"]}}]}]},
    {"id": 2, "data": {"file": "map/2.jpg"}, "annotations": [
      {"was_cancelled": true, "result": [{"type": "choices", "value": {"choices": ["coin"]}}]}]},
    {"id": 3, "data": {"file": "map/3.jpg"}, "annotations": [{"result": []}]}])",
                                                  "export");
  CHECK(labels == std::map<std::string, std::string>{{"map/1.jpg", "toy"}});
}

TEST_CASE("what is no such export is refused, with the number of the task") {
  const auto code = [](const char* text) {
    return test::code_of([&] { (void)dataset::parse_label_studio(text, "export"); });
  };
  CHECK(code("{}") == errc::bad_format);
  CHECK(code("[1]") == errc::bad_format);
  CHECK(code(R"([{"data": {}}])") == errc::bad_format);
  CHECK(code(R"([{"data": {"file": "x"}}])") == errc::bad_format);
  CHECK(code(R"([{"data": {"file": "x"}, "annotations": [{}]}])") == errc::bad_format);
  const char* const two =
      R"([{"data": {"file": "x"}, "annotations": [{"result": [{"type": "choices", "value": {"choices": ["a", "b"]}}]}]}])";
  CHECK(dataset::parse_label_studio_multi(two, "export") ==
        std::map<std::string, std::vector<std::string>>{{"x", {"a", "b"}}});
  const auto failure = test::failure_of([&] { (void)dataset::parse_label_studio(two, "export"); });
  REQUIRE(failure);
  CHECK(std::string(failure->what()).find("export task 1") != std::string::npos);
}
