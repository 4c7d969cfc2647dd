#include <eucv/report/multi_label_facts.hpp>

#include <doctest/doctest.h>

TEST_CASE("figures of several labels have names that people read") {
  CHECK(eucv::report::multi_label_figure_name("accuracy") == "all labels right");
  CHECK(eucv::report::multi_label_figure_name("hamming_loss") == "Hamming loss");
  CHECK(eucv::report::multi_label_figure_name("micro_f1") == "micro F1");
  CHECK(eucv::report::multi_label_facts{}.predictions.size() == 0);
}
