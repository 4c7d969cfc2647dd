#include <eucv/report/multi_label_model_card.hpp>

#include <doctest/doctest.h>

#include <support/report_facts.hpp>

#include <string>

TEST_CASE("the card of a model with several labels has a line for each, and says what counts as wrong") {
  const auto all = test::multi_label_report_facts();
  const auto text = eucv::report::model_card(all);
  for (const char* part :
       {"# Model card: model &amp; &lt;b&gt;co&lt;/b&gt;", "5 labels, any number of them a picture",
        "Suggests any of 5", "enrich records with 2 of them", "| all labels right | ", "| Hamming loss | ",
        "| mean average precision | ", "What is not given counts as wrong", "| automatic | 0.600 |", "| never |  |",
        "## Data and licences", "## How to repeat", "lists 30 pictures whose labels are likely wrong"})
    CHECK_MESSAGE(text.find(part) != std::string::npos, part);
  CHECK(text.find("<script>") == std::string::npos);
  auto plain = all;
  plain.thresholds.clear();
  CHECK(eucv::report::model_card(plain).find("eucv train --multi-label --folds 5") != std::string::npos);
}
