#pragma once

#include <eucv/nn/backend.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace test {

/// The least that is a backend: memory and maps.
struct small_backend {
  using scalar = float;
  struct storage {
    std::shared_ptr<std::vector<float>> all;
    [[nodiscard]] bool unique() const { return all.use_count() == 1; }
    explicit operator bool() const { return all != nullptr; }
  };
  using tensor = eucv::nn::tensor<small_backend>;

  tensor make(const eucv::nn::shape& extents, eucv::nn::lifetime = eucv::nn::lifetime::step) {
    return {extents, {std::make_shared<std::vector<float>>(extents.size())}};
  }
  void assign(tensor& to, std::span<const float> flat, eucv::nn::order) {
    to.storage.all->assign(flat.begin(), flat.end());
  }
  [[nodiscard]] std::vector<float> values(const tensor& x, eucv::nn::order) const { return *x.storage.all; }
  tensor copy(const tensor& x) { return {x.shape, {std::make_shared<std::vector<float>>(*x.storage.all)}}; }
  void fill(tensor& x, float value) { std::fill(x.storage.all->begin(), x.storage.all->end(), value); }
  template <class Function, class... Tensors>
  void map(Function f, Tensors&&... tensors) {
    for (std::size_t i = 0; i < std::min({tensors.size()...}); ++i) f((*tensors.storage.all)[i]...);
  }
};

} // namespace test
