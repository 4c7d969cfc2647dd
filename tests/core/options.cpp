#include <eucv/core/options.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace {

namespace own {

enum class monitor { accuracy, validation_loss };

constexpr auto enumerators(monitor) {
  return std::array{eucv::enumerator{monitor::accuracy, "accuracy"},
                    eucv::enumerator{monitor::validation_loss, "loss"}};
}

struct plain_steps {
  double momentum = 0.9;
  bool nesterov = false;

  static constexpr std::string_view name = "plain";
  static constexpr auto fields() {
    using self = plain_steps;
    return eucv::field_list{eucv::option("momentum", &self::momentum, "part of a step that lasts", eucv::between(0, 1)),
                            eucv::option("nesterov", &self::nesterov, "whether to look ahead")};
  }
};

struct no_steps {
  static constexpr std::string_view name = "none";
  static constexpr auto fields() { return eucv::field_list{}; }
};

struct loss {
  std::vector<double> class_weights = {};
  double smoothing = 0.1;

  static constexpr auto fields() {
    return eucv::field_list{
        eucv::option("class-weights", &loss::class_weights, "weights in label order", eucv::above(0)).internal(),
        eucv::option("smoothing", &loss::smoothing, "part that is spread", eucv::at_least(0).below(1))};
  }
};

std::span<const std::string_view> networks() {
  static constexpr std::array<std::string_view, 2> names{"small", "large"};
  return names;
}

struct options {
  std::size_t epochs = 40;
  double clip_norm = 1;
  own::loss loss = {};
  std::string network = "small";
  own::monitor monitor = own::monitor::validation_loss;
  std::optional<double> weight_decay = {};
  std::variant<plain_steps, no_steps> optimizer = {};
  std::size_t threads = 0;
  std::filesystem::path init = {};
  std::function<double()> clock = {};
  std::stop_token stop = {};

  static constexpr auto fields() {
    using self = options;
    return eucv::field_list{
        eucv::option("epochs", &self::epochs, "passes over all pictures", eucv::at_least(1)),
        eucv::option("clip-norm", &self::clip_norm, "largest norm; 0: any", eucv::at_least(0)).formerly("clip"),
        eucv::option_group(&self::loss),
        eucv::option("network", &self::network, "its architecture", eucv::one_of(networks)),
        eucv::option("monitor", &self::monitor, "by what epochs are compared"),
        eucv::option("weight-decay", &self::weight_decay, "part that is taken off", eucv::at_least(0)),
        eucv::option("optimizer", &self::optimizer, "how gradients become steps"),
        eucv::option("threads", &self::threads, "threads that compute").outside_identity(),
        eucv::option("init", &self::init, "weights to begin with"),
        eucv::runtime_field(&self::clock),
        eucv::runtime_field(&self::stop)};
  }
};

static_assert(eucv::describes_all_fields<plain_steps>);
static_assert(eucv::describes_all_fields<no_steps>);
static_assert(eucv::describes_all_fields<loss>);
static_assert(eucv::describes_all_fields<options>);

} // namespace own

std::string message_of(const auto& options) {
  try {
    eucv::check_options(options, "train");
  } catch (const eucv::error& refused) {
    CHECK(refused.code() == eucv::errc::invalid_argument);
    return refused.what();
  }
  return {};
}

} // namespace

TEST_CASE("a check names the option, its value, what is allowed and the default") {
  CHECK(message_of(own::options{}).empty());
  CHECK(message_of(own::options{.epochs = 0}) ==
        "train, the option epochs: it is \"0\", which is not at least 1; the default is \"40\"");
  CHECK(message_of(own::options{.loss = {.smoothing = 1}}) ==
        "train, the option smoothing: it is \"1\", which is not at least 0 and below 1; the default is \"0.1\"");
  CHECK(message_of(own::options{.loss = {.class_weights = {1, 2, 0}}}) ==
        "train, the option class-weights: it is \"1 2 0\", which is not above 0; the default is \"\"");
  CHECK(message_of(own::options{.network = "huge"}) ==
        "train, the option network: it is \"huge\", which is not one of small, large; the default is \"small\"");
  CHECK(message_of(own::options{.monitor = own::monitor(7)}) ==
        "train, the option monitor: it is \"\", which is not one of accuracy, loss; the default is \"loss\"");
  CHECK(message_of(own::options{.weight_decay = -1}) ==
        "train, the option weight-decay: it is \"-1\", which is not at least 0; the default is \"none\"");
  CHECK(message_of(own::options{.weight_decay = 0}).empty());
  CHECK(message_of(own::options{.optimizer = own::plain_steps{.momentum = 1.5}}) ==
        "train, the option optimizer.momentum: it is \"1.5\", which is not at least 0 and at most 1; "
        "the default is \"0.9\"");
  CHECK(message_of(own::options{.clip_norm = std::numeric_limits<double>::infinity()}).find("\"inf\"") !=
        std::string::npos);
  CHECK(message_of(own::options{.clip_norm = std::numeric_limits<double>::quiet_NaN()}).find("nan") !=
        std::string::npos);
}

TEST_CASE("the identity is exact, and holds all that changes the result") {
  const std::map<std::string, std::string> expected{{"epochs", "40"},
                                                    {"clip-norm", "1"},
                                                    {"class-weights", ""},
                                                    {"smoothing", "0.1"},
                                                    {"network", "small"},
                                                    {"monitor", "loss"},
                                                    {"weight-decay", "none"},
                                                    {"optimizer", "plain"},
                                                    {"optimizer.momentum", "0.9"},
                                                    {"optimizer.nesterov", "false"},
                                                    {"init", ""}};
  CHECK(eucv::identity_of(own::options{}) == expected);
  CHECK(eucv::identity_of(own::options{.threads = 8, .clock = [] { return 0.0; }}) == expected);

  const auto changed = eucv::identity_of(own::options{.clip_norm = 0.1 + 0.2,
                                                      .loss = {.class_weights = {1, 1.0 / 3}},
                                                      .weight_decay = 1e-300,
                                                      .optimizer = own::no_steps{},
                                                      .init = "weights.safetensors"});
  CHECK(changed.at("clip-norm") == "0.30000000000000004");
  CHECK(changed.at("class-weights") == "1 0.3333333333333333");
  CHECK(changed.at("weight-decay") == "1e-300");
  CHECK(changed.at("optimizer") == "none");
  CHECK_FALSE(changed.contains("optimizer.momentum"));
  CHECK(changed.at("init") == "weights.safetensors");
}

namespace {

struct twice {
  own::loss one = {}, other = {};
  static constexpr auto fields() {
    return eucv::field_list{eucv::option_group(&twice::one), eucv::option_group(&twice::other)};
  }
};

} // namespace

TEST_CASE("two options of one name are refused") {
  CHECK_THROWS_WITH_AS(static_cast<void>(eucv::identity_of(twice{})),
                       "describe options, class-weights: two options have this name; rename one", eucv::error);
}

TEST_CASE("a visitor gets all that a command line needs, and may write") {
  own::options options;
  std::vector<std::string> lines;
  eucv::visit_options(options, [&](const std::string& name, const auto& field, auto& value) {
    lines.push_back("--" + name + " " + std::string(field.help) + " [" + eucv::option_text(value) + "] (" +
                    eucv::allowed_text(field) + ")" + std::string(field.old_name) + (field.is_internal ? " !" : ""));
    if constexpr (requires { value = 7.0; })
      if (name == "clip-norm") value = 7.0;
  });
  CHECK(lines == std::vector<std::string>{
                     "--epochs passes over all pictures [40] (at least 1)",
                     "--clip-norm largest norm; 0: any [1] (at least 0)clip",
                     "--class-weights weights in label order [] (above 0) !",
                     "--smoothing part that is spread [0.1] (at least 0 and below 1)",
                     "--network its architecture [small] (one of small, large)",
                     "--monitor by what epochs are compared [loss] (one of accuracy, loss)",
                     "--weight-decay part that is taken off [none] (at least 0)",
                     "--optimizer how gradients become steps [plain] (one of plain, none)",
                     "--threads threads that compute [0] ()",
                     "--init weights to begin with [] ()",
                 });
  CHECK(options.clip_norm == 7);
}

TEST_CASE("choices are made by name") {
  own::options options;
  CHECK(eucv::choose(options.monitor, "accuracy"));
  CHECK(options.monitor == own::monitor::accuracy);
  CHECK_FALSE(eucv::choose(options.monitor, "luck"));
  CHECK(options.monitor == own::monitor::accuracy);
  CHECK(eucv::choose(options.optimizer, "none"));
  CHECK(std::holds_alternative<own::no_steps>(options.optimizer));
  CHECK_FALSE(eucv::choose(options.optimizer, "plainer"));
  CHECK(eucv::choices_of<own::monitor>() == std::vector<std::string_view>{"accuracy", "loss"});
  CHECK(eucv::choices_of<double>().empty());
}
