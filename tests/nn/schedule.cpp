#include <eucv/nn/schedule.hpp>

#include <doctest/doctest.h>

using namespace eucv;

static_assert(nn::schedule<nn::constant_rate> && nn::schedule<nn::cosine> && nn::schedule<nn::one_cycle>);

TEST_CASE("constant") {
  CHECK(nn::constant_rate{.peak = 0.5}.rate(0, 10) == 0.5);
  CHECK(nn::constant_rate{.peak = 0.5}.rate(9, 10) == 0.5);
  const nn::constant_rate warmed{.peak = 1, .warm_up = 4};
  CHECK(warmed.rate(0, 10) == 0.25);
  CHECK(warmed.rate(3, 10) == 1);
  CHECK(warmed.rate(4, 10) == 1);
}

TEST_CASE("cosine begins at the peak and ends at the last rate") {
  const nn::cosine plain{.peak = 2, .last = 1};
  CHECK(plain.rate(0, 11) == doctest::Approx(2));
  CHECK(plain.rate(5, 11) == doctest::Approx(1.5));
  CHECK(plain.rate(10, 11) == doctest::Approx(1));
  const nn::cosine warmed{.peak = 1, .warm_up = 5};
  CHECK(warmed.rate(0, 15) == doctest::Approx(0.2));
  CHECK(warmed.rate(4, 15) == doctest::Approx(1));
  CHECK(warmed.rate(5, 15) == doctest::Approx(1));
  CHECK(warmed.rate(14, 15) == doctest::Approx(0));
}

TEST_CASE("one cycle has the rates of PyTorch's OneCycleLR") {
  // torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.01, total_steps=10), printed by PyTorch 1.13
  const double expected[] = {0.0003999999999999993,
                             0.0052,
                             0.01,
                             0.009504846320134737,
                             0.008117456539497631,
                             0.0061126202193628925,
                             0.003887419780637108,
                             0.00188258346050237,
                             0.0004951936798652628,
                             4e-08};
  for (std::size_t step = 0; step < 10; ++step)
    CHECK(nn::one_cycle{.peak = 0.01}.rate(step, 10) == doctest::Approx(expected[step]).epsilon(1e-12));
}

TEST_CASE("a training of one step, or of fewer than the warm-up, has finite rates") {
  for (std::size_t steps = 1; steps < 5; ++steps)
    for (std::size_t step = 0; step < steps; ++step)
      for (const double rate :
           {nn::constant_rate{.warm_up = 9}.rate(step, steps), nn::cosine{}.rate(step, steps),
            nn::cosine{.warm_up = 9}.rate(step, steps), nn::one_cycle{}.rate(step, steps),
            nn::one_cycle{.rise = 0}.rate(step, steps), nn::one_cycle{.rise = 1}.rate(step, steps)}) {
        CHECK(rate >= 0);
        CHECK(rate <= 1e-3 * (1 + 1e-12));
      }
}

TEST_CASE("a schedule chosen at run time") {
  CHECK(nn::rate(nn::any_schedule(nn::constant_rate{.peak = 0.25}), 3, 9) == 0.25);
  CHECK(nn::rate(nn::any_schedule(nn::cosine{.peak = 2, .last = 1}), 5, 11) == doctest::Approx(1.5));
}
