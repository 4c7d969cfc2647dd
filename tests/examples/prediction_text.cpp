#include "program/prediction_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

using program::prediction_text;

namespace {

const prediction_text::ranked_labels two_guesses{{"map", "http://data.europeana.eu/concept/43", 0.75},
                                                 {"a, \"b\"", "", 0.25}};

std::string printed(const std::string& format, prediction_text::ids records) {
  std::ostringstream out;
  {
    prediction_text text(out, format, records);
    text.add("a.jpg", "", two_guesses);
    text.add("http://m.example/b.jpg", "/1/b", two_guesses);
    text.add("c.jpg", "", {});
  }
  return out.str();
}

} // namespace

TEST_CASE("predictions as CSV: five columns, and the ID where there are records") {
  CHECK(printed("csv", prediction_text::ids::absent) ==
        "file,rank,label,concept,probability\n"
        "a.jpg,1,map,http://data.europeana.eu/concept/43,0.75\n"
        "a.jpg,2,\"a, \"\"b\"\"\",,0.25\n"
        "http://m.example/b.jpg,1,map,http://data.europeana.eu/concept/43,0.75\n"
        "http://m.example/b.jpg,2,\"a, \"\"b\"\"\",,0.25\n");
  CHECK(printed("csv", prediction_text::ids::present) ==
        "file,rank,label,concept,probability,ID\n"
        "a.jpg,1,map,http://data.europeana.eu/concept/43,0.75,\n"
        "a.jpg,2,\"a, \"\"b\"\"\",,0.25,\n"
        "http://m.example/b.jpg,1,map,http://data.europeana.eu/concept/43,0.75,/1/b\n"
        "http://m.example/b.jpg,2,\"a, \"\"b\"\"\",,0.25,/1/b\n");
}

TEST_CASE("predictions as JSON lines: the id where there is one") {
  CHECK(printed("jsonl", prediction_text::ids::absent) ==
        "{\"file\": \"a.jpg\", \"predictions\": [{\"label\": \"map\", \"concept\": "
        "\"http://data.europeana.eu/concept/43\", \"probability\": 0.75}, {\"label\": \"a, \\\"b\\\"\", \"concept\": "
        "\"\", \"probability\": 0.25}]}\n"
        "{\"file\": \"http://m.example/b.jpg\", \"id\": \"/1/b\", \"predictions\": [{\"label\": \"map\", \"concept\": "
        "\"http://data.europeana.eu/concept/43\", \"probability\": 0.75}, {\"label\": \"a, \\\"b\\\"\", \"concept\": "
        "\"\", \"probability\": 0.25}]}\n"
        "{\"file\": \"c.jpg\", \"predictions\": []}\n");
}

TEST_CASE("a table comes in parts, so that none of any length is held") {
  std::ostringstream out;
  prediction_text text(out, "table", prediction_text::ids::absent);
  for (int i = 0; i < 2'500; ++i) text.add("picture", "", two_guesses);
  CHECK(std::ranges::count(out.str(), '\n') == 2'002); // two parts with a header each
  text.finish();
  text.finish();
  CHECK(std::ranges::count(out.str(), '\n') == 2'503);
  CHECK(out.str().starts_with("file     label"));
  CHECK(out.str().find("picture  map    75.0%  a, \"b\"  25.0%\n") != std::string::npos);
  CHECK(printed("table", prediction_text::ids::absent).find("\n/1/b   map") != std::string::npos);
  CHECK(printed("table", prediction_text::ids::absent).find("(left to people)") != std::string::npos);
}

TEST_CASE("the formats are the table and those of the library") {
  CHECK(program::prediction_formats() == std::vector<std::string>{"table", "csv", "jsonl"});
}
