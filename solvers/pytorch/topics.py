"""The guide's PyTorch topics, by their inventory ids, and the functions that run them."""

from __future__ import annotations

# id: functions as "module:function", below solvers.pytorch unless the module begins with "solvers".
TOPICS: dict[str, tuple[str, ...]] = {
    "pytorch-tensors-1": ("tensors:ranges", "tensors:created_dtypes"),
    "pytorch-tensors-2": (
        "tensors:broadcast_shape",
        "tensors:matmul_shape",
        "tensors:reductions",
        "tensors:einsum_by_loops",
    ),
    "pytorch-tensors-3": ("tensors:created_dtypes", "tensors:promoted", "precision:number_format"),
    "pytorch-tensors-4": ("tensors:reshaped", "tensors:contiguous_strides", "tensors:shares_memory"),
    "pytorch-autograd-1": ("autograd:graph", "autograd:second_backward"),
    "pytorch-autograd-2": ("autograd:backward_gradient", "autograd:vector_jacobian", "autograd:manual_mlp_gradients"),
    "pytorch-autograd-3": ("autograd:accumulated_gradient", "training:accumulated_gradients"),
    "pytorch-autograd-4": ("autograd:tracking", "autograd:intermediate_gradients"),
    "pytorch-device": ("devices:best_device", "devices:device_of", "devices:moved", "devices:to_returns_itself"),
    "pytorch-module-1": ("modules:Stack", "modules:Standardiser"),
    "pytorch-module-2": ("modules:registered", "modules:Standardiser", "modules:parameter_count"),
    "pytorch-module-3": ("modules:hidden_parameters", "modules:sequential"),
    "pytorch-module-4": (
        "modules:linear",
        "modules:embedding",
        "modules:layer_norm",
        "modules:rms_norm",
        "modules:batch_norm",
        "modules:dropout",
        "modules:attention",
    ),
    "pytorch-training-1": ("optimizers:sgd_step", "optimizers:adam_step", "optimizers:descended"),
    "pytorch-training-2": ("training:train", "optimizers:learning_rate"),
    "pytorch-training-3": ("modules:dropout", "modules:batch_norm", "training:evaluate"),
    "pytorch-training-4": ("training:save_checkpoint", "training:load_checkpoint"),
    "pytorch-training-5": (
        "losses:mse",
        "losses:l1",
        "losses:huber",
        "losses:cross_entropy",
        "losses:nll",
        "losses:binary_cross_entropy_with_logits",
        "losses:kl_div",
    ),
    "pytorch-training-6": (
        "data:batch_indices",
        "data:loader",
        "data:collated",
        "data:optimizer_steps",
        "data:windows",
    ),
    "pytorch-example-linear-regression-manual": ("linear_regression:by_hand", "linear_regression:solved"),
    "pytorch-example-linear-regression-module": ("linear_regression:by_module",),
    "pytorch-example-mlp": ("mlp:train_classifier", "mlp:spirals", "mlp:accuracy"),
    "pytorch-example-gpt": ("solvers.gpt:GPT", "solvers.generation:generate", "gpt_example:memorise"),
    "pytorch-rl-log-probs": ("rl_patterns:next_token_log_probs", "solvers.generation:completion_log_probs"),
    "pytorch-rl-kl": ("rl_patterns:sampled_kl",),
    "pytorch-rl-grad-clipping": ("optimizers:clip_by_norm", "optimizers:clip_by_value"),
    "pytorch-rl-freezing": ("training:freeze",),
    "pytorch-rl-mixed-precision": (
        "precision:autocast_dtypes",
        "precision:rounded",
        "precision:summed",
        "precision:small_updates",
        "precision:scaled_gradient",
        "precision:next_loss_scale",
        "precision:training_bytes",
    ),
    "pytorch-rl-detach": (
        "rl_patterns:advantage_gradients",
        "rl_patterns:ratio_gradient",
        "rl_patterns:bootstrapped_value_gradient",
        "autograd:detached_product_gradients",
    ),
}

# The guide lists its example functions and its code once more; each is one of the topics above, or several.
REPEATED: dict[str, tuple[str, ...]] = {
    "pytorch-fn-tensor-basics": ("pytorch-tensors-1", "pytorch-tensors-3"),
    "pytorch-fn-tensor-operations": ("pytorch-tensors-2", "pytorch-tensors-4"),
    "pytorch-fn-autograd-demo": tuple(f"pytorch-autograd-{i}" for i in range(1, 5)),
    "pytorch-fn-module-demo": tuple(f"pytorch-module-{i}" for i in range(1, 5)),
    "pytorch-fn-training-loop-demo": ("pytorch-training-1", "pytorch-training-2"),
    "pytorch-fn-linear-regression-manual": ("pytorch-example-linear-regression-manual",),
    "pytorch-fn-linear-regression-module": ("pytorch-example-linear-regression-module",),
    "pytorch-fn-mlp-classification": ("pytorch-example-mlp",),
    "pytorch-fn-gpt-example": ("pytorch-example-gpt",),
    "pytorch-fn-rl-patterns": ("pytorch-rl-log-probs", "pytorch-rl-kl", "pytorch-rl-detach"),
    "pytorch-code-list-1": ("pytorch-tensors-1", "pytorch-tensors-2", "pytorch-tensors-3", "pytorch-tensors-4"),
    "pytorch-code-list-2": tuple(f"pytorch-autograd-{i}" for i in range(1, 5)),
    "pytorch-code-list-3": tuple(f"pytorch-module-{i}" for i in range(1, 5)),
    "pytorch-code-list-4": tuple(f"pytorch-training-{i}" for i in range(1, 5)),
    "pytorch-code-list-5": (
        "pytorch-example-linear-regression-manual",
        "pytorch-example-linear-regression-module",
    ),
    "pytorch-code-list-6": ("pytorch-example-mlp",),
    "pytorch-code-list-7": ("pytorch-example-gpt",),
    "pytorch-code-list-8": ("pytorch-rl-log-probs", "pytorch-rl-kl", "pytorch-rl-detach"),
}

# What no function can do, and why.
LEFT_OUT: dict[str, str] = {
    "pytorch-setup-1": "setting up a virtual environment happens before there is a PyTorch to call",
    "pytorch-setup-2": "the guide's own requirements; ours are in pyproject.toml",
    "pytorch-setup-3": "the guide's two scripts, which are not part of it as we have it",
}
