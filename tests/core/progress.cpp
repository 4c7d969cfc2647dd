#include <eucv/core/progress.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

TEST_CASE("a sink is any function and gets each step as it is told") {
  std::vector<std::string> lines;
  const eucv::progress_sink sink = [&](const eucv::progress& step) {
    lines.push_back(std::string(step.task) + " " + std::to_string(step.done) + "/" + std::to_string(step.total) + " " +
                    std::string(step.note));
  };
  sink({.task = "train", .done = 2, .total = 5, .note = "loss 0.31"});
  sink({.task = "harvest", .done = 7, .total = 0, .note = {}});
  CHECK(lines == std::vector<std::string>{"train 2/5 loss 0.31", "harvest 7/0 "});
}
