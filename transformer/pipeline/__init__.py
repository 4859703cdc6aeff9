"""The corridor that joins the rooms: plan, stage, apply, emit; and `convert`, which knows no rules."""
