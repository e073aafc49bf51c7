"""Customer success: onboarding, milestones, programmes, referrals, tasks, visitors."""
