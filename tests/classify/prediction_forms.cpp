#include <eucv/classify/prediction_forms.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string_view>

using namespace eucv::classify;

TEST_CASE("each form is found by its name, and says what it is") {
  std::set<std::string_view> names;
  for (const auto* form : prediction_forms) {
    CHECK(names.insert(form->name).second);
    CHECK(find_prediction_form(form->name) == form);
    CHECK_FALSE(form->description.empty());
  }
  CHECK(find_prediction_form("csv") == &form::csv);
  CHECK(find_prediction_form("jsonl") == &form::json_lines);
  CHECK(find_prediction_form("xml") == nullptr);
}
