#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/random.hpp>
#include <eucv/train/history.hpp>

#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::train {

/// All that a training has to remember besides the tensors, to go on as if it had never been broken off.
struct run_state {
  std::uint64_t epoch = 0; ///< epochs done
  std::uint64_t batch = 0; ///< batches done of the next one
  std::uint64_t steps = 0; ///< batches done in all
  // of the epoch that is under way
  double loss_sum = 0, weight_sum = 0, seconds = 0;
  std::uint64_t right = 0, seen = 0;
  // of early stopping
  std::uint64_t best_epoch = 0; ///< 0: none yet
  double best_score = 0, best_loss = 0;
  std::uint64_t epochs_without_gain = 0;
  eucv::random::state_type random{}; ///< the engine in the network
  std::vector<epoch_figures> history = {};
};

namespace detail {

// The name of each number, once for writing and for reading. Doubles are kept as their bits.
template <class State, class Function>
void for_each_number(State& state, Function&& f) {
  f("epoch", state.epoch), f("batch", state.batch), f("steps", state.steps), f("loss_sum", state.loss_sum);
  f("weight_sum", state.weight_sum), f("seconds", state.seconds), f("right", state.right), f("seen", state.seen);
  f("best_epoch", state.best_epoch), f("best_score", state.best_score), f("best_loss", state.best_loss);
  f("epochs_without_gain", state.epochs_without_gain), f("random.0", state.random[0]), f("random.1", state.random[1]);
  f("random.2", state.random[2]), f("random.3", state.random[3]);
}

} // namespace detail

/// Adds the state to the metadata of a checkpoint.
inline void save(const run_state& state, std::map<std::string, std::string>& metadata) {
  detail::for_each_number(state, [&](const char* name, auto value) {
    metadata["run." + std::string(name)] = std::to_string(std::bit_cast<std::uint64_t>(value));
  });
  metadata["run.history"] = history_csv(state.history);
}

/// The way back, bit for bit. Throws bad_format, naming `source`, where something is missing or no number.
[[nodiscard]] inline run_state load_run_state(const std::map<std::string, std::string>& metadata,
                                              const std::string& source) {
  const auto text = [&](const std::string& name) -> const std::string& {
    if (const auto found = metadata.find("run." + name); found != metadata.end()) return found->second;
    throw error(errc::bad_format, {"read the checkpoint", source, "it does not say \"run." + name + "\"",
                                   "remove the folder of checkpoints to begin anew"});
  };
  run_state state;
  detail::for_each_number(state, [&](const char* name, auto& value) {
    const std::string& digits = text(name);
    std::uint64_t bits = 0;
    const auto [stop, code] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (code != std::errc{} || stop != digits.data() + digits.size() || digits.empty())
      throw error(errc::bad_format, {"read the checkpoint", source, "\"run." + std::string(name) + "\" is no number",
                                     "remove the folder of checkpoints to begin anew"});
    value = std::bit_cast<std::remove_reference_t<decltype(value)>>(bits);
  });
  state.history = parse_history(text("history"), source);
  return state;
}

} // namespace eucv::train
