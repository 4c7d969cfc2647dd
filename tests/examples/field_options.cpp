#include "program/field_options.hpp"

#include <eucv/classify/train_options.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace {

// What train takes, from a command line without the name of the program.
eucv::classify::train_options parsed(std::vector<std::string> arguments) {
  CLI::App app;
  eucv::classify::train_options options;
  program::add_fields(app, options);
  std::ranges::reverse(arguments);
  app.parse(std::move(arguments));
  return options;
}

} // namespace

TEST_CASE("each kind of field is read from the command line") {
  const auto options =
      parsed({"--epochs",    "7",        "--lr",           "0.5",  "--optimizer", "lamb",
              "--monitor",   "macro-f1", "--weight-decay", "0.25", "--init",      "weights.safetensors",
              "--grey",      "0.1",      "--crop",         "1",    "--balance",   "none",
              "--clip-norm", "0"});
  CHECK(options.epochs == 7);
  CHECK(options.rate == 0.5);
  CHECK(options.optimizer == "lamb");
  CHECK(options.monitor == eucv::train::monitored::macro_f1);
  CHECK(options.weight_decay == 0.25);
  CHECK(options.init == "weights.safetensors");
  CHECK(options.augmentation.grey == 0.1);
  CHECK(options.augmentation.crop == 1);
  CHECK(options.balance == eucv::classify::class_balance::none);
  CHECK(options.clip_norm == 0);
  CHECK_FALSE(parsed({}).weight_decay);
}

TEST_CASE("what a field may not be is refused, naming option and range") {
  const auto refused = [](std::vector<std::string> arguments) {
    try {
      (void)parsed(std::move(arguments));
    } catch (const CLI::ParseError& failure) {
      return std::string(failure.what());
    }
    return std::string();
  };
  CHECK(refused({"--epochs", "0"}).find("--epochs") != std::string::npos);
  CHECK(refused({"--epochs", "0"}).find("\"0\" is not a number of at least 1") != std::string::npos);
  CHECK(refused({"--epochs", "some"}).find("\"some\" is not a number") != std::string::npos);
  CHECK(refused({"--label-smoothing", "1"}).find("below 1") != std::string::npos);
  CHECK(refused({"--lr", "nan"}).find("is not a number") != std::string::npos);
  CHECK(refused({"--optimizer", "adamx"}).find("lamb") != std::string::npos);
  CHECK(refused({"--monitor", "luck"}).find("macro-f1") != std::string::npos);
  CHECK_FALSE(refused({"--seed", "3"}).empty()); // set by the program itself, for all commands
}

TEST_CASE("help names default and choices") {
  CLI::App app;
  eucv::classify::train_options options;
  program::add_fields(app, options);
  const std::string help = app.help();
  CHECK(help.find("Passes over all images") != std::string::npos);
  CHECK(help.find("=40") != std::string::npos);
  CHECK(help.find("one of loss, accuracy, macro-f1") != std::string::npos);
  CHECK(help.find("=loss") != std::string::npos);
  CHECK(help.find("--grey") != std::string::npos);
}
