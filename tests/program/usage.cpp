// The command line itself: help, wrong usage, output that nobody takes.
#include "support/run_eucv.hpp"

#include <eucv/core/version.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

TEST_CASE("help of the program and of every command goes to stdout with status 0") {
  const test::outcome all = test::run_eucv({"--help"});
  CHECK(all.status == 0);
  for (const char* command : {"harvest", "vocabulary", "dataset", "download", "train", "evaluate", "audit",
                              "learning-curve", "classify", "export", "demo"}) {
    CAPTURE(command);
    CHECK(all.out.find(command) != std::string::npos);
    const test::outcome help = test::run_eucv({command, "--help"});
    CHECK(help.status == 0);
    CHECK(help.err.empty());
    if (std::string(command) == "dataset") continue; // has commands of its own
    CHECK(help.out.find("--seed") != std::string::npos);
    CHECK(help.out.find("--threads") != std::string::npos);
  }
  for (const char* command : {"subtract", "merge", "sample", "stats"})
    CHECK(test::run_eucv({"dataset", command, "--help"}).out.find("--seed") != std::string::npos);
  CHECK(test::run_eucv({"--version"}).out == "eucv " EUCV_VERSION "\n");
}

TEST_CASE("wrong usage ends with status 2 and one line that names the help") {
  const std::vector<std::vector<std::string>> wrong{
      {},
      {"no-such-command"},
      {"harvest", "--out", "a.csv"},
      {"harvest", "--vocabulary", "pilot"},
      {"harvest", "--vocabulary", "pilot", "--out", "a.csv", "--reusability", "free"},
      {"harvest", "--vocabulary", "pilot", "--out", "a.csv", "--per-class", "many"},
      {"harvest", "--vocabulary", "pilot", "--out", "a.csv", "--endpoint", "ftp://somewhere"},
      {"harvest", "--vocabulary", "pilot", "--out", "a.csv", "--no-such-option"},
      {"harvest", "--vocabulary", "pilot", "--out", "a.csv", "--mode", "both"},
      {"harvest", "--vocabulary", "pilot", "--out", "a.csv", "--max-requests", "-1"},
      {"download", "a.csv"},
      {"download", "a.csv", "--out", "b", "--size", "huge"},
      {"download", "a.csv", "--out", "b", "--jobs", "0"},
      {"train", "images", "--out", "model", "--arch", "resnet19"},
      {"train", "images", "--out", "model", "--epochs", "-3"},
      {"train", "images", "--out", "model", "--folds", "1"},
      {"train", "images", "--out", "model", "--target-precision", "0.9"},
      {"audit", "images"},
      {"learning-curve", "images", "--out", "curve", "--points", "2"},
      {"classify"},
      {"classify", "model", "a.jpg", "--format", "xml"},
      {"dataset"},
      {"dataset", "subtract", "a.csv", "--out", "c.csv"}};
  for (const auto& arguments : wrong) {
    std::string line;
    for (const auto& word : arguments) line += word + " ";
    CAPTURE(line);
    const test::outcome refused = test::run_eucv(arguments);
    CHECK(refused.status == 2);
    CHECK(refused.out.empty());
    CHECK(refused.last_line().starts_with("eucv: "));
  }
  CHECK(test::run_eucv({"harvest", "--vocabulary", "pilot", "--out", "a.csv", "--reusability", "free"})
            .last_line()
            .find("\"free\" is none of the four words") != std::string::npos);
  CHECK(test::run_eucv({"no-such-command", "x"}).last_line() ==
        "eucv: no-such-command: there is no such command; see eucv --help");
  CHECK(test::run_eucv({"harvest", "--vocabulary", "pilot", "--out", "a.csv", "--per-class", "0"})
            .last_line()
            .find("\"0\" is not a number of at least 1") != std::string::npos);
}
