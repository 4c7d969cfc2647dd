#include <eucv/classify/prediction_form.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace eucv::classify;

// A form of one's own: one function each for the header and for a picture.
TEST_CASE("a form is its name and two functions") {
  constexpr prediction_form names{
      .name = "names",
      .description = "the first label of each image",
      .header = [](record_ids ids) { return std::string(ids == record_ids::present ? "with ids\n" : ""); },
      .text = [](const labelled_picture& of, record_ids) { return of.labels[0].label + '\n'; }};
  const std::vector<ranked_label> labels{{"map", "", 0.75}, {"photo", "", 0.25}};
  CHECK(names.header(record_ids::absent).empty());
  CHECK(names.header(record_ids::present) == "with ids\n");
  CHECK(names.text({.file = "a.jpg", .labels = labels}, record_ids::absent) == "map\n");
}
