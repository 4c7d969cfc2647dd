#include <eucv/classify/form/json_lines.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace eucv::classify;

TEST_CASE("predictions as JSON lines: the id where there is one") {
  const std::vector<ranked_label> labels{{"map", "http://data.europeana.eu/concept/43", 0.75}, {"a, \"b\"", "", 0.25}};
  const auto text = [](const labelled_picture& of) { return form::json_lines.text(of, record_ids::absent); };
  CHECK(form::json_lines.header(record_ids::present).empty());
  CHECK(text({.file = "a.jpg", .labels = labels}) ==
        "{\"file\": \"a.jpg\", \"predictions\": [{\"label\": \"map\", \"concept\": "
        "\"http://data.europeana.eu/concept/43\", \"probability\": 0.75}, {\"label\": \"a, \\\"b\\\"\", \"concept\": "
        "\"\", \"probability\": 0.25}]}\n");
  CHECK(text({.file = "b.jpg", .id = "/1/b"}) == "{\"file\": \"b.jpg\", \"id\": \"/1/b\", \"predictions\": []}\n");
}
