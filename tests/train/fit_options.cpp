#include <eucv/train/fit_options.hpp>

#include <doctest/doctest.h>

#include <map>
#include <set>

using namespace eucv;

TEST_CASE("each option that changes what is learned changes the identity, and no other does") {
  const train::fit_options plain;
  std::vector<train::fit_options> learned(13), same(5);
  learned[0].epochs = 41;
  learned[1].rule = nn::sgd{};
  learned[2].rule = nn::sgd{.momentum = 0.8};
  learned[3].rule = nn::adam{.weight_decay = 0.05};
  learned[4].rule = nn::adam_w{.beta1 = 0.8, .weight_decay = 0.05};
  learned[5].schedule = nn::cosine{.peak = 3e-3};
  learned[6].schedule = nn::constant_rate{.peak = 3e-3};
  learned[7].schedule = nn::one_cycle{.peak = 3.0000001e-3};
  learned[8].loss.label_smoothing = 0;
  learned[9].loss.class_weights = {1, 2};
  learned[10].largest_gradient = 0;
  learned[11].patience = 3;
  learned[12].best_by = train::watched::validation_loss;
  same[0].checkpoints = "elsewhere";
  same[1].checkpoint_seconds = 1;
  same[2].clock = [] { return 0.0; };
  same[3].progress = [](const progress&) {};
  same[4].message = [](std::string_view) {};
  std::set<std::map<std::string, std::string>> identities{train::identity_of(plain)};
  for (const auto& each : learned) CHECK(identities.insert(train::identity_of(each)).second);
  for (const auto& each : same) CHECK(train::identity_of(each) == train::identity_of(plain));
}

TEST_CASE("what the caller adds is part of the identity") {
  train::fit_options options;
  options.identity["data"] = "a";
  CHECK(train::identity_of(options).at("data") == "a");
  CHECK(train::identity_of(options).at("optimizer") == "adam_w 0.9 0.999 1e-08 0.05");
}

TEST_CASE("the clock does not go back") {
  const double before = train::steady_seconds();
  CHECK(train::steady_seconds() >= before);
}
