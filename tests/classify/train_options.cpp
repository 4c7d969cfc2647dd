#include <eucv/classify/train_options.hpp>

#include <eucv/core/options.hpp>

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

using namespace eucv;

static_assert(describes_all_fields<classify::train_options>); // or checkpoints would forget an option

TEST_CASE("nothing of the recipe is on that was not always on") {
  const classify::train_options options;
  CHECK(options.schedule == classify::rate_schedule::one_cycle);
  CHECK(options.balance == classify::class_balance::weights);
  CHECK(options.monitor == train::monitored::validation_loss);
  CHECK(options.label_smoothing == 0.1);
  CHECK(options.clip_norm == 1);
  CHECK(options.accumulate == 1);
  CHECK(options.mixup == 0);
  CHECK(options.augmentation.erase == 0);
  CHECK(options.augmentation.grey == 0);
  CHECK(options.weight_average_decay == 0);
}

TEST_CASE("each option that changes what is learned has its own place in the identity") {
  const auto plain = identity_of(classify::train_options{});
  std::vector<classify::train_options> changed;
  const auto change = [&](auto&& with) {
    changed.emplace_back();
    with(changed.back());
  };
  using options = classify::train_options;
  change([](options& to) { to.architecture = "resnet18"; });
  change([](options& to) { to.size = 64; });
  change([](options& to) { to.epochs = 41; });
  change([](options& to) { to.batch = 16; });
  change([](options& to) { to.validation = 0.2; });
  change([](options& to) { to.rate = 0.01; });
  change([](options& to) { to.patience = 3; });
  change([](options& to) { to.seed = 2; });
  change([](options& to) { to.freeze = 1; });
  change([](options& to) { to.head_epochs = 1; });
  change([](options& to) { to.layer_decay = 0.8; });
  change([](options& to) { to.optimizer = "sgd"; });
  change([](options& to) { to.weight_decay = 0; });
  change([](options& to) { to.schedule = classify::rate_schedule::cosine; });
  change([](options& to) { to.warm_up = 0.2; });
  change([](options& to) { to.balance = classify::class_balance::none; });
  change([](options& to) { to.monitor = train::monitored::accuracy; });
  change([](options& to) { to.label_smoothing = 0; });
  change([](options& to) { to.mixup = 0.2; });
  change([](options& to) { to.augmentation.crop = 1; });
  change([](options& to) { to.augmentation.shift = 0.1; });
  change([](options& to) { to.augmentation.flip = 0; });
  change([](options& to) { to.augmentation.colour = 0; });
  change([](options& to) { to.augmentation.grey = 0.1; });
  change([](options& to) { to.augmentation.erase = 0.1; });
  change([](options& to) { to.weight_average_decay = 0.9; });
  change([](options& to) { to.accumulate = 2; });
  change([](options& to) { to.clip_norm = 5; });
  change([](options& to) { to.loss = classify::multi_label_loss::focal; });
  change([](options& to) { to.missing = classify::missing_labels::are_unknown; });
  std::set<std::map<std::string, std::string>> seen{plain};
  for (const auto& each : changed) CHECK(seen.insert(identity_of(each)).second);

  std::size_t in_identity = 0;
  visit_options(changed[0],
                [&](const std::string&, const auto& field, const auto&) { in_identity += field.in_identity ? 1 : 0; });
  CHECK(in_identity == changed.size() + 1); // the aspect of crops is the one that is not changed above

  classify::train_options other; // the number of threads changes nothing, and weights are told by their digest
  other.threads = 3;
  other.init = "elsewhere";
  other.checkpoint_seconds = 1;
  CHECK(identity_of(other) == plain);
}
