#include <eucv/train/fit_options.hpp>

#include <doctest/doctest.h>

#include <map>
#include <set>

using namespace eucv;

TEST_CASE("each option that changes what is learned changes the identity, and no other does") {
  const train::fit_options plain;
  std::vector<train::fit_options> learned(15), same(5);
  learned[0].epochs = 41;
  learned[1].optimizer = nn::sgd{};
  learned[2].optimizer = nn::sgd{.momentum = 0.8};
  learned[3].optimizer = nn::adam{.weight_decay = 0.05};
  learned[4].optimizer = nn::adam_w{.beta1 = 0.8, .weight_decay = 0.05};
  learned[5].schedule = nn::cosine{.peak = 3e-3};
  learned[6].schedule = nn::constant_rate{.peak = 3e-3};
  learned[7].schedule = nn::one_cycle{.peak = 3.0000001e-3};
  learned[8].objective = train::single_label{};
  learned[9].objective = train::single_label{.loss = {.class_weights = {1, 2}, .label_smoothing = 0.1}};
  learned[10].clip_norm = 0;
  learned[11].patience = 3;
  learned[12].monitor = train::monitored::validation_loss;
  learned[13].objective = train::multi_label{.targets = {nn::target::yes}};
  learned[14].objective = train::multi_label{.targets = {nn::target::no}};
  same[0].checkpoints = "elsewhere";
  same[1].checkpoint_seconds = 1;
  same[2].clock = [] { return 0.0; };
  same[3].progress = [](const progress&) {};
  same[4].message = [](std::string_view) {};
  std::set<std::map<std::string, std::string>> identities{train::training_identity(plain)};
  for (const auto& each : learned) CHECK(identities.insert(train::training_identity(each)).second);
  for (const auto& each : same) CHECK(train::training_identity(each) == train::training_identity(plain));
}

TEST_CASE("what the caller adds is part of the identity") {
  train::fit_options options;
  options.identity["data"] = "a";
  CHECK(train::training_identity(options).at("data") == "a");
  CHECK(train::training_identity(options).at("optimizer") == "adamw");
  CHECK(train::training_identity(options).at("optimizer.weight-decay") == "0.05");
}

TEST_CASE("the clock does not go back") {
  const double before = train::steady_seconds();
  CHECK(train::steady_seconds() >= before);
}
