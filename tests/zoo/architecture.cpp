#include <eucv/zoo/architecture.hpp>

#include <doctest/doctest.h>

using namespace eucv;

namespace {

struct whole {
  static constexpr zoo::architecture_facts facts{.name = "whole"};
  static int layers(const zoo::architecture_options&) { return 1; }
};
struct without_facts {
  static int layers(const zoo::architecture_options&) { return 1; }
};
struct without_layers {
  static constexpr zoo::architecture_facts facts{.name = "none"};
};

} // namespace

static_assert(zoo::architecture_entry<whole>);
static_assert(!zoo::architecture_entry<without_facts>);
static_assert(!zoo::architecture_entry<without_layers>);

TEST_CASE("logits are exclusive where nobody says otherwise") {
  CHECK(zoo::architecture_options{}.logits == zoo::logits::exclusive);
  CHECK(whole::facts.learning_rate == 1e-3);
}
