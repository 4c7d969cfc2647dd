#include <eucv/zoo/registry.hpp>

#include <eucv/core/parallel.hpp>
#include <eucv/core/random.hpp>
#include <eucv/nn/any_model.hpp>
#include <eucv/nn/container.hpp>
#include <eucv/nn/dense.hpp>
#include <eucv/nn/host.hpp>
#include <eucv/nn/pool2d.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "support/code_of.hpp"

using namespace eucv;
using any_network = nn::any_model<nn::host<float>>;

namespace {

template <class List>
any_network build(std::string_view name, zoo::architecture_options wanted, thread_pool& pool) {
  eucv::random engine(1);
  return List::template build<any_network>(name, wanted, [&](auto layers) {
    return nn::model(std::move(layers), {.c = 3, .h = 32, .w = 32}, engine, nn::host<float>(pool));
  });
}

// An architecture of a user's own.
struct linear_architecture {
  static constexpr zoo::architecture_facts facts{.name = "linear", .input = 8, .learning_rate = 0.1};
  static auto layers(const zoo::architecture_options& wanted) {
    return nn::sequence{nn::global_average_pool{}, nn::named("head", nn::dense{.out = wanted.classes})};
  }
};

} // namespace

TEST_CASE("the registry knows its architectures by name, each once") {
  const auto names = zoo::registry::names();
  CHECK(std::vector(names.begin(), names.end()) == std::vector<std::string_view>{"small", "resnet9", "resnet9_half",
                                                                                 "squeezenet1_1", "resnet18",
                                                                                 "resnet34", "resnet50"});
  CHECK(zoo::registry::facts_of("small").input == 128);
  CHECK(zoo::registry::facts_of("small").learning_rate == 6e-3);
  CHECK(zoo::registry::facts_of("resnet50").learning_rate == 1e-3);
  thread_pool pool(1);
  CHECK(build<zoo::registry>("resnet9_half", {.classes = 4}, pool).parameters()[0].dims[0] == 32);
  CHECK(build<zoo::registry>("resnet9", {.classes = 4}, pool).output_shape() == nn::shape{.c = 4});
}

TEST_CASE("independent logits are of either sign") {
  thread_pool pool(1);
  for (const auto kind : {zoo::logits::exclusive, zoo::logits::independent}) {
    auto net = build<zoo::registry>("squeezenet1_1", {.classes = 50, .logits = kind}, pool);
    auto images = net.backend().make({1, 3, 32, 32});
    net.backend().fill(images, 1);
    const auto logits = net.backend().values(net.forward(images, nn::mode::eval), nn::order::channels_last);
    CHECK((*std::min_element(logits.begin(), logits.end()) < 0) == (kind == zoo::logits::independent));
  }
}

TEST_CASE("a name that is not in the list is refused with those that are") {
  const auto failure = test::failure_of([] { (void)zoo::registry::facts_of("vgg"); });
  REQUIRE(failure);
  CHECK(failure->code() == errc::invalid_argument);
  CHECK(std::string(failure->what()).find("choose one of small, resnet9,") != std::string::npos);
  thread_pool pool(1);
  CHECK(test::code_of([&] { (void)build<zoo::registry>("vgg", {}, pool); }) == errc::invalid_argument);
}

TEST_CASE("a list of one's own takes new architectures beside those of the zoo") {
  using list = zoo::architecture_list<linear_architecture, zoo::small_architecture>;
  thread_pool pool(1);
  CHECK(list::names().size() == 2);
  CHECK(list::facts_of("linear").learning_rate == 0.1);
  CHECK(build<list>("linear", {.classes = 6}, pool).output_shape() == nn::shape{.c = 6});
  CHECK(build<list>("small", {.classes = 6}, pool).parameters().size() == 14);
}
