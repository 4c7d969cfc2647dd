#include <eucv/nn/needs.hpp>

#include <doctest/doctest.h>

#include <eucv/nn/activation.hpp>
#include <eucv/nn/concatenate.hpp>
#include <eucv/nn/conv2d.hpp>
#include <eucv/nn/dense.hpp>
#include <eucv/nn/dropout.hpp>
#include <eucv/nn/flatten.hpp>
#include <eucv/nn/norm.hpp>
#include <eucv/nn/pool2d.hpp>

#include "support/small_backend.hpp"

using namespace eucv::nn;
using test::small_backend;

static_assert(backend<small_backend> && !complete_backend<small_backend>);

TEST_CASE("a layer needs the parts of a backend that it names, and no other") {
  CHECK(provides<small_backend, relu>);
  CHECK(provides<small_backend, dropout>);
  CHECK_FALSE(provides<small_backend, conv2d>);
  CHECK_FALSE(provides<small_backend, dense>);
  CHECK_FALSE(provides<small_backend, flatten>);
  CHECK_FALSE(provides<small_backend, batch_norm>);
  CHECK_FALSE(provides<small_backend, max_pool>);
  CHECK_FALSE(provides<small_backend, global_average_pool>);
  CHECK_FALSE(provides<small_backend, concatenate<relu, relu>>);
}
